// SPDX-License-Identifier: MIT
#include "compose/parts/part.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "model/maths.h"

namespace auralis {
namespace {

constexpr double shortest_note_s = 0.05;  // less is not worth playing
constexpr double entry_delay_s = 0.5;     // of a part, after it may enter

// Factor on velocities, and how it grows with the intensity.
constexpr double liveliness = 0.85;
constexpr double liveliness_per_intensity = 0.3;
constexpr Range velocities{0.02, 1.0};

// A note that would reach so far into the next chord must agree with it, else it ends as that begins.
constexpr double reach_s = 1.0;
constexpr double shortest_cut_s = 0.5;

// How much closer together events come from thin music to dense: octaves of the rests, and of the notes' lengths.
constexpr double rest_oct = 1.2;
constexpr double length_oct = 0.8;

constexpr int beyond_any_st = 1000;

// Strays are drawn with this deviation, of the preset's most.
constexpr double stray_deviation = 0.5;
constexpr double most_stray_beats = 0.1;  // where there is a pulse: a fifth of a half beat

// The longest rest that is left when the intensity moves, for each 1 that it lies below the reach.
constexpr double longest_cut_rest_s = 6.0;
constexpr double cut_rest_reach = 1.2;

}  // namespace

int Moment::chord_tone_near(int pitch) const {
  const int low = static_cast<int>(plan.pitches.low);
  const int high = std::max(static_cast<int>(plan.pitches.high), low + octave_st - 1);
  int best = low;
  int least_st = beyond_any_st;
  for (int tone = low; tone <= high; ++tone) {
    if (!chord.chord.contains(tone) || std::abs(tone - pitch) >= least_st) continue;
    least_st = std::abs(tone - pitch);
    best = tone;
  }
  return best;
}

int Moment::lowest(int pitch_class) const {
  int pitch = static_cast<int>(plan.pitches.low);
  while (wrap(pitch, 12) != pitch_class) ++pitch;
  return pitch;
}

int Moment::any_pitch(Rng& rng) const {
  return static_cast<int>(std::lround(plan.pitches.at(rng.uniform())));
}

double Moment::fitting_s(int pitch, double dur_s) const {
  if (!has_next() || now_s + dur_s < next.t_s + reach_s || agrees(next.chord, pitch)) return dur_s;
  return std::max(next.t_s - now_s, shortest_cut_s);
}

double Moment::rest_s(const Range& range, Rng& rng) const {
  return range.at(rng.uniform()) * maths::exp2(-rest_oct * (density - preset().intensity)) / plan.pace;
}

double Moment::note_s(Rng& rng) const {
  return plan.note_s.at(rng.uniform()) * maths::exp2(-length_oct * (density - preset().intensity));
}

double Moment::humanised_s(Rng& rng) const {
  if (preset().percussion.pulse) return 0.0;  // the player strays, on the clock
  return std::clamp(stray_deviation * rng.normal(), -1.0, 1.0) * preset().melody.humanise_ms / 1000.0;
}

uint64_t Player::play(int pitch, double stress, double dur_s) {
  const LayerPlan& plan = state_.preset.layer(layer_);
  const double now_s = state_.time.now_s;
  dur_s = std::min(dur_s, state_.time.quiet_from() - now_s);
  if (dur_s < shortest_note_s) return 0;
  const double lively = liveliness + liveliness_per_intensity * state_.intensity;
  NoteEvent note;
  note.t = now_s;
  note.layer = std::string(name_of(layer_));
  note.pitch = pitch;
  note.vel = rounded(std::clamp(plan.velocity.at(stress) * lively, velocities.low, velocities.high));
  note.dur = whole_us(dur_s);
  note.pan = rounded(plan.width * rng.uniform(-1.0, 1.0));
  return notes_.play(layer_, note, queue_);
}

double Player::strike(const Moment& moment, int near) {
  const double dur_s = moment.plan.note_s.at(rng.uniform());
  const int pitch = moment.chord_tone_near(near);
  const double stress = rng.uniform();
  play(pitch, stress, moment.fitting_s(pitch, dur_s));
  return dur_s;
}

void Player::release_all(double beyond_s, double t_s) {
  notes_.release_all([&](const SoundingNote& note) { return note.layer == layer_ && note.end_s > beyond_s; },
                     t_s, queue_);
}

void Player::wake(double t_s, size_t voice) {
  if (keeps_beat_ && state_.preset.percussion.pulse) {
    const double most_s =
        std::min(state_.preset.melody.humanise_ms / 1000.0, most_stray_beats * state_.tempo.beat_s());
    t_s = state_.tempo.half_beat_near(t_s, state_.time.now_s) +
          most_s * std::clamp(stray_deviation * rng.normal(), -1.0, 1.0);
  }
  schedule_.wake(first_sleeper_ + voice, std::max(t_s, state_.time.now_s));
}

void Part::begin(const Moment& moment, Player& player) {
  player.wake(moment.now_s + moment.state.switch_of(moment.layer).entry_s + entry_delay_s);
}

void cut_rest(const Moment& moment, Player& player) {
  const double wakes_at_s = player.wakes_at();
  if (wakes_at_s == never || !moment.lead_rests) return;
  const double longest_s = longest_cut_rest_s * (cut_rest_reach - moment.state.intensity);
  player.wake(moment.now_s + std::min(wakes_at_s - moment.now_s, longest_s));
}

}  // namespace auralis
