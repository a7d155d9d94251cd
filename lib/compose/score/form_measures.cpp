// SPDX-License-Identifier: MIT
// What the form remembers: scenes on a loop, and scenes that come back, found by a matcher that sees notes alone.
#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "compose/score/score_reading.h"
#include "model/rng.h"

namespace auralis {
namespace {

using nlohmann::ordered_json;

constexpr std::array<size_t, 2> loop_lengths{3, 4};
constexpr double frame_s = 4.0;            // of harmony, as the pads sound
constexpr double longest_memory_s = 5400;  // within which a scene is looked for
constexpr double motif_weight = 1.0;       // beside the harmony's 1
constexpr double voicings_weight = 1.0;    // likewise
constexpr int farthest_st = 6;             // that a voicing may be moved
constexpr double layers_weight = 0.25;
constexpr uint64_t control_seed = 1;
constexpr size_t figure_intervals = 3;
constexpr double short_scene = 0.5;  // of a scene's length: less of it is not looked for

struct ScenePlayed {
  int number = 0;
  double from_s = 0.0;
  double to_s = 0.0;
  std::vector<std::string> names;
};

std::vector<ScenePlayed> scenes_of(const Score& score) {
  std::vector<ScenePlayed> scenes;
  for (const ScoreChord& chord : score.chords) {
    if (chord.scene == 0) continue;
    if (scenes.empty() || chord.opens_scene || scenes.back().number != chord.scene)
      scenes.push_back({chord.scene, chord.t, chord.end, {}});
    scenes.back().to_s = chord.end;
    scenes.back().names.push_back(chord.name);
  }
  return scenes;
}

// The same chords by name, round and round, once and at least half again.
bool is_loop(const std::vector<std::string>& names) {
  return std::any_of(loop_lengths.begin(), loop_lengths.end(), [&](size_t length) {
    if (names.size() < length + length / 2) return false;
    for (size_t i = length; i < names.size(); ++i) {
      if (names[i] != names[i - length]) return false;
    }
    return true;
  });
}

using Pitches = std::bitset<128>;

// What the notes of a stretch of time are like.
struct Likeness {
  std::map<unsigned, int>
      frames;                 // the pitch classes of the pads, a bit each, with how many frames have them
  std::set<unsigned> chords;  // those of them that sound in more than one frame
  std::vector<std::pair<Pitches, double>> pitches;  // of the pads, each set with how many frames have it
  std::set<std::array<int, figure_intervals>> figures;
  std::set<std::string> layers;
};

Likeness likeness_of(const Score& score, double from_s, double to_s) {
  Likeness like;
  const auto count = static_cast<size_t>(std::max(1.0, std::floor((to_s - from_s) / frame_s)));
  std::vector<unsigned> classes(count, 0);
  std::vector<Pitches> pitches(count);
  std::vector<int> lead;
  const auto first = std::lower_bound(score.notes.begin(), score.notes.end(), from_s - 150.0,
                                      [](const SoundedNote& note, double t) { return note.t < t; });
  for (auto note = first; note != score.notes.end() && note->t < to_s; ++note) {
    if (note->end <= from_s) continue;
    if (note->t >= from_s) like.layers.insert(note->layer);
    if (note->layer == "lead" && note->t >= from_s)
      lead.push_back(static_cast<int>(std::lround(note->pitch)));
    if (note->layer != "pad") continue;
    for (size_t i = 0; i < count; ++i) {
      const double middle_s = from_s + (static_cast<double>(i) + 0.5) * frame_s;
      if (note->t > middle_s || middle_s >= note->end) continue;
      classes[i] |= 1U << pitch_class(note->pitch);
      pitches[i].set(static_cast<size_t>(std::lround(note->pitch)));
    }
  }
  for (const Pitches& frame : pitches) {
    const auto known = std::find_if(like.pitches.begin(), like.pitches.end(),
                                    [&](const auto& entry) { return entry.first == frame; });
    if (known != like.pitches.end()) {
      known->second += 1.0;
    } else if (frame.any()) {
      like.pitches.emplace_back(frame, 1.0);
    }
  }
  for (unsigned frame : classes) {
    if (frame != 0) ++like.frames[frame];
  }
  for (const auto& [frame, times] : like.frames) {
    if (times > 1) like.chords.insert(frame);
  }
  for (size_t i = 0; i + figure_intervals < lead.size(); ++i)
    like.figures.insert({lead[i + 1] - lead[i], lead[i + 2] - lead[i + 1], lead[i + 3] - lead[i + 2]});
  return like;
}

unsigned transposed(unsigned classes, int up) { return ((classes << up) | (classes >> (12 - up))) & 0xfffU; }

// The part of the pitch classes of both that they share, squared: nearly all counts for most.
double shared_tones(unsigned a, unsigned b) {
  const double share = static_cast<double>(std::popcount(a & b)) / static_cast<double>(std::popcount(a | b));
  return share * share;
}

// How much the chords of one sound in the other, the mean of the best shared parts.
double harmony_in(const Likeness& of, const Likeness& in, int up) {
  double sum = 0.0;
  double frames = 0.0;
  for (const auto& [frame, times] : of.frames) {
    double best = 0.0;
    for (unsigned other : in.chords) best = std::max(best, shared_tones(transposed(frame, up), other));
    sum += times * best;
    frames += times;
  }
  return frames > 0.0 ? sum / frames : 0.0;
}

// How many of the pitches themselves of one sound at once in the other, moved by so many semitones.
double voicings_in(const Likeness& of, const Likeness& in, int up) {
  double sum = 0.0;
  double frames = 0.0;
  for (const auto& [frame, times] : of.pitches) {
    const Pitches moved = up >= 0 ? frame << static_cast<size_t>(up) : frame >> static_cast<size_t>(-up);
    double best = 0.0;
    for (const auto& [other, other_times] : in.pitches) {
      const auto shared = static_cast<double>((moved & other).count());
      if (other_times > 1.0 && shared > 0.0)
        best = std::max(best, shared / static_cast<double>((moved | other).count()));
    }
    sum += times * best;
    frames += times;
  }
  return frames > 0.0 ? sum / frames : 0.0;
}

template <class Set>
double shared_part(const Set& a, const Set& b) {
  if (a.empty() || b.empty()) return 0.0;
  const auto shared = std::count_if(a.begin(), a.end(), [&](const auto& item) { return b.contains(item); });
  return static_cast<double>(shared) / static_cast<double>(std::min(a.size(), b.size()));
}

double alike(const Likeness& a, const Likeness& b) {
  double harmony = 0.0;
  for (int up = 0; up < 12; ++up)
    harmony = std::max(harmony, 0.5 * (harmony_in(a, b, up) + harmony_in(b, a, (12 - up) % 12)));
  double voicings = 0.0;
  for (int up = -farthest_st; up <= farthest_st; ++up)
    voicings = std::max(voicings, 0.5 * (voicings_in(a, b, up) + voicings_in(b, a, -up)));
  return harmony + voicings_weight * voicings + motif_weight * shared_part(a.figures, b.figures) +
         layers_weight * shared_part(a.layers, b.layers);
}

// The scene before `query`, and within memory, that a stretch of time is most like.
int most_like(const Likeness& query, double at_s, size_t before, const std::vector<ScenePlayed>& scenes,
              const std::vector<Likeness>& likes) {
  double best = -1.0;
  int number = 0;
  for (size_t i = 0; i < before; ++i) {
    if (at_s - scenes[i].to_s > longest_memory_s) continue;
    const double like = alike(query, likes[i]);
    if (like <= best) continue;
    best = like;
    number = scenes[i].number;
  }
  return number;
}

}  // namespace

ordered_json form_measures(const Score& score) {
  const std::vector<ScenePlayed> scenes = scenes_of(score);
  std::vector<Likeness> likes;
  double loops = 0.0;
  for (const ScenePlayed& scene : scenes) {
    loops += is_loop(scene.names) ? 1.0 : 0.0;
    likes.push_back(likeness_of(score, scene.from_s, scene.to_s));
  }
  Rng rng(control_seed, "shuffled scenes");
  std::vector<double> minutes;
  double found = 0.0;
  double found_shuffled = 0.0;
  std::map<int, size_t> last;
  for (size_t i = 0; i < scenes.size(); ++i) {
    const auto before = last.find(scenes[i].number);
    const bool whole = before != last.end() &&
                       scenes[i].to_s - scenes[i].from_s >=
                           short_scene * (scenes[before->second].to_s - scenes[before->second].from_s);
    const double away_s = before != last.end() ? scenes[i].from_s - scenes[before->second].to_s : 0.0;
    if (whole && i > 2 && away_s <= longest_memory_s) {
      minutes.push_back(away_s / 60.0);
      const int number = scenes[i].number;
      found += most_like(likes[i], scenes[i].from_s, i, scenes, likes) == number ? 1.0 : 0.0;
      // Another scene in its place.
      size_t other = rng.index(scenes.size());
      for (size_t tries = 0; scenes[other].number == number && tries < scenes.size(); ++tries)
        other = (other + 1) % scenes.size();
      found_shuffled += most_like(likes[other], scenes[i].from_s, i, scenes, likes) == number ? 1.0 : 0.0;
    }
    last[scenes[i].number] = i;
  }
  const auto count = static_cast<double>(minutes.size());
  return {{"scenes_played", scenes.size()},
          {"scenes_on_a_loop", ratio(loops, static_cast<double>(scenes.size()))},
          {"returns", minutes.size()},
          {"returns_after_min", spread(minutes)},
          {"returns_found", ratio(found, count)},
          {"returns_found_shuffled", ratio(found_shuffled, count)}};
}

}  // namespace auralis
