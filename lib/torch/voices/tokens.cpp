// SPDX-License-Identifier: MIT
#include "torch/voices/tokens.h"

#include <algorithm>
#include <cstdlib>

namespace auralis::voices {
namespace {

constexpr double forgetting = 0.99;  // a step

int token_of(int midi) {
  if (midi < 0) return silent;
  while (midi < lowest) midi += octave;
  while (midi > highest) midi -= octave;
  return midi - lowest;
}

// How badly a chord on a root explains what sounds: small is good, none where it has no third.
struct Reading {
  Kind kind = other;
  int cost = 0;
};

Reading reading_on(int root, int lowest_class, const std::array<bool, octave>& sounds) {
  const auto has = [&](int interval) { return sounds[static_cast<size_t>((root + interval) % octave)]; };
  const bool major_third = has(4);
  const bool minor_third = has(3);
  if (major_third == minor_third) return {};
  Reading reading;
  int fifth = -1;
  if (has(7)) {
    fifth = 7;
  } else if (minor_third && has(6)) {
    fifth = 6;
  } else if (major_third && has(8)) {
    fifth = 8;
  }
  reading.kind = fifth == 6 ? diminished : fifth == 8 ? augmented : major_third ? major : minor;
  int strange = 0;
  for (int interval = 1; interval < octave; ++interval) {
    const bool seventh = interval >= 10 || (interval == 9 && fifth == 6);
    if (has(interval) && interval != fifth && interval != (major_third ? 4 : 3) && !seventh) ++strange;
  }
  // Without a fifth it must explain all.
  if (fifth < 0 && strange > 0) return {};
  reading.cost = 100 * (fifth < 0 ? 1 : 0) + 4 * strange + (root == lowest_class ? 0 : 1);
  return reading;
}

}  // namespace

Harmony harmony_of(std::span<const int> pitches) {
  std::array<bool, octave> sounds{};
  int deepest = -1;
  for (int pitch : pitches) {
    if (pitch < 0) continue;
    sounds[static_cast<size_t>(pitch % octave)] = true;
    if (deepest < 0 || pitch < deepest) deepest = pitch;
  }
  if (deepest < 0) return {};
  Harmony best{other, -1};
  int least = 0;
  for (int above = 0; above < octave; ++above) {
    const int root = (deepest + above) % octave;
    if (!sounds[static_cast<size_t>(root)]) continue;
    const Reading reading = reading_on(root, deepest % octave, sounds);
    if (reading.kind == other || (best.kind != other && reading.cost >= least)) continue;
    best = {reading.kind, root};
    least = reading.cost;
  }
  return best;
}

Step step_of(const std::array<int, voice_count>& midi) {
  Step step;
  step.harmony = harmony_of(midi);
  for (size_t voice = 0; voice < voice_count; ++voice) step.pitch[voice] = token_of(midi[voice]);
  return step;
}

Song song_of(const melody::Piece& piece, int shift) {
  Song song;
  for (const melody::Step& sounding : piece) {
    // The corpus tells soprano, alto, tenor, bass.
    std::array<int, voice_count> midi{sounding[0], sounding[3], sounding[1], sounding[2]};
    for (int& pitch : midi) pitch = pitch < 0 ? pitch : pitch + shift;
    song.push_back(step_of(midi));
  }
  return song;
}

std::pair<int, int> room_of(const melody::Piece& piece) {
  int down = 0;
  int up = 0;
  bool first = true;
  for (const melody::Step& step : piece) {
    for (int pitch : step) {
      if (pitch < 0) continue;
      down = first ? lowest - pitch : std::max(down, lowest - pitch);
      up = first ? highest - pitch : std::min(up, highest - pitch);
      first = false;
    }
  }
  return {std::min(down, 0), std::max(up, 0)};
}

int motion_index(int from, int to) {
  if (from >= silent || to >= silent) return motion_count - 1;
  return std::clamp(to - from, -motion_reach, motion_reach) + motion_reach;
}

int class_index(int pitch, int root) {
  return pitch >= silent ? class_count - 1 : wrap(pitch + lowest - root, octave);
}

int gap_index(int above, int below) {
  if (above >= silent || below >= silent) return gap_count - 1;
  return std::clamp(above - below, gap_least, gap_most) - gap_least;
}

int chord_index(const Harmony& harmony, int root) {
  if (harmony.kind == silence) return silent_chord;
  if (harmony.kind == other) return other_chord;
  return triad_kinds * wrap(harmony.root - root, octave) + harmony.kind;
}

int root_of(const Past& past, const Step& step) {
  return step.harmony.root >= 0 ? step.harmony.root : past.root;
}

Past beginning(const Step& first) {
  Past past;
  past.last.pitch.fill(no_pitch);
  past.before_last.pitch.fill(no_pitch);
  past.root = past.root_before = std::max(first.harmony.root, 0);
  return past;
}

void Past::add(const Step& step) {
  const bool same_chord = steps > 0 && step.harmony == last.harmony;
  held[0] = same_chord ? held[0] + 1 : 0;
  for (size_t voice = 0; voice < voice_count; ++voice)
    held[voice + 1] = steps > 0 && step.pitch[voice] == last.pitch[voice] ? held[voice + 1] + 1 : 0;
  double sum = 0.0;
  for (double& share : heard) share *= forgetting;
  for (int pitch : step.pitch) {
    if (pitch < silent)
      heard[static_cast<size_t>((pitch + lowest) % octave)] += (1.0 - forgetting) / voice_count;
  }
  for (double share : heard) sum += share;
  if (sum > 0.0) {
    for (double& share : heard) share /= sum;
  }
  root_before = root;
  root = root_of(*this, step);
  before_last = last;
  last = step;
  ++steps;
}

Inputs inputs_of(const Past& past) {
  Inputs inputs{};
  size_t at = 0;
  const auto held_index = [&](size_t of) { return std::min(past.held[of], held_count - 1); };
  inputs[at++] = past.steps == 0 ? no_chord : chord_index(past.last.harmony, past.root_before);
  inputs[at++] = held_index(0);
  inputs[at++] = past.steps % bar_steps;
  const auto& last = past.last.pitch;
  for (size_t voice = 0; voice < voice_count; ++voice) inputs[at++] = class_index(last[voice], past.root);
  for (size_t voice = 0; voice < voice_count; ++voice)
    inputs[at++] = motion_index(past.before_last.pitch[voice], last[voice]);
  for (size_t voice = 0; voice < voice_count; ++voice) inputs[at++] = held_index(voice + 1);
  for (size_t voice = 0; voice < voice_count; ++voice) inputs[at++] = last[voice];
  inputs[at++] = gap_index(last[soprano], last[alto]);
  inputs[at++] = gap_index(last[alto], last[tenor]);
  inputs[at++] = gap_index(last[tenor], last[bass]);
  return inputs;
}

std::array<double, octave> heard_above_root(const Past& past) {
  std::array<double, octave> above{};
  for (int interval = 0; interval < octave; ++interval)
    above[static_cast<size_t>(interval)] = past.heard[static_cast<size_t>((past.root + interval) % octave)];
  return above;
}

Known known_of(const Past& past, const Step& step, int voice) {
  Known known{};
  const int root = root_of(past, step);
  size_t at = 0;
  known[at++] = chord_index(step.harmony, past.root);
  known[at++] = past.steps > 0 && step.harmony == past.last.harmony ? 1 : 0;
  known[at++] = class_index(past.last.pitch[static_cast<size_t>(voice)], root);
  for (size_t told = 0; told < static_cast<size_t>(voice); ++told) {
    known[at++] = class_index(step.pitch[told], root);
    known[at++] = motion_index(past.last.pitch[told], step.pitch[told]);
  }
  return known;
}

}  // namespace auralis::voices
