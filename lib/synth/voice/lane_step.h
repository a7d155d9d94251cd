// SPDX-License-Identifier: MIT
// What one lane takes from its patch: its note's share of the slow parameters, and its audio-rate levels over one
// quantum, from where the last one left them to where the patch wants them.
#pragma once

#include <cmath>

#include "synth/simd/functions.h"
#include "synth/simd/noise.h"
#include "synth/voice/state.h"

namespace auralis::AURALIS_ISA {

// Puts what one lane has into its lane of a group's rows: PatchParams into Params, LaneControl into Control.
template <typename Wide, typename Narrow>
AURALIS_FN void set_lane(Wide& wide, const Narrow& narrow, int lane) {
  using voice::group_lanes;
  static_assert(sizeof(Wide) == sizeof(Narrow) * group_lanes);
  auto* to = reinterpret_cast<double*>(&wide) + lane;
  const auto* from = reinterpret_cast<const double*>(&narrow);
  constexpr auto rows = static_cast<int>(sizeof(Narrow) / sizeof(double));
  for (int row = 0; row < rows; ++row) to[row * group_lanes] = from[row];
}

// The rows of a set alone: a bit for each.
template <typename Wide, typename Narrow>
AURALIS_FN void set_lane(Wide& wide, const Narrow& narrow, int lane, uint64_t rows) {
  auto* to = reinterpret_cast<double*>(&wide) + lane;
  const auto* from = reinterpret_cast<const double*>(&narrow);
  for (; rows != 0; rows &= rows - 1) {
    const int row = __builtin_ctzll(rows);
    to[row * voice::group_lanes] = from[row];
  }
}

// The rows that depend on the note as well: velocity, key tracking, position.
AURALIS_FN void add_note(voice::PatchParams& params, const voice::PatchTouch& touch, double pitch, double vel,
                         double pan) {
  params.cutoff_oct[0] += touch.key_track * (pitch - 60.0) / 12.0 - touch.filter_vel_oct * (1.0 - vel);
  params.pan[0] += pan;
  if (touch.fm_key > 0.0) {
    params.fm_half_cycles[0] *= exp2_of(-touch.fm_key * higher_of(0.0, (pitch - 60.0) / 12.0));
  }
  params.level[0] = gain_of_db(-touch.velocity_db * (1.0 - vel));
}

// What a note's key draws for its oscillators: how high and how far aside each stands, of half the distance between the
// outermost. These come first, then the middle, then what is between them, so that a chord of few is as wide as one of
// many; what is high is as likely on the left as on the right.
struct UnisonDraw {
  double high[voice::most_unison], side[voice::most_unison];
};

AURALIS_FN UnisonDraw drawn_unison(uint32_t key) {
  using voice::most_unison;
  constexpr double above[most_unison] = {0.85, -0.85, 0.0, 0.5, -0.5, 0.25, -0.25};
  constexpr double aside[most_unison] = {0.85, -0.85, 0.0, -0.5, 0.5, 0.25, -0.25};
  constexpr uint32_t of_notes = 0x68e31da4;  // apart from what the same key draws elsewhere
  const auto drawn = [key](int i) { return draw(static_cast<uint32_t>(i), key ^ of_notes); };
  const double up = drawn(0) < 0.0 ? -1.0 : 1.0;
  const double over = drawn(1) < 0.0 ? -1.0 : 1.0;
  UnisonDraw d;
  for (int k = 0; k < most_unison; ++k) {
    d.high[k] = up * (above[k] + 0.15 * drawn(2 + k));
    d.side[k] = over * (aside[k] + 0.15 * drawn(2 + most_unison + k));
  }
  return d;
}

// Where a note's oscillators stand. Their mean is the note itself, in pitch and position, and their powers add up to that
// of one.
AURALIS_FN voice::UnisonParamRows<1> unison_of_note(const voice::PatchUnison& patch, uint32_t key) {
  using voice::most_unison;
  constexpr double centre = 0.7071067811865476;
  const auto [high, side] = drawn_unison(key);
  double share[most_unison];
  double power = 0.0, mean_high = 0.0, mean_side = 0.0;
  for (int k = 0; k < most_unison; ++k) {
    share[k] = clamped(patch.count - k, 0.0, 1.0);
    const double weight = share[k] * share[k];
    power += weight;
    mean_high += weight * high[k];
    mean_side += weight * side[k];
  }
  const double level = 1.0 / sqrt(power);
  voice::UnisonParamRows<1> rows;
  for (int k = 0; k < most_unison; ++k) {
    rows.detune_oct[k][0] = patch.half_spread_oct * (high[k] - mean_high / power);
    const double quarter = (clamped(patch.width * (side[k] - mean_side / power), -1.0, 1.0) + 1.0) * 0.25;
    rows.left[k][0] = level * share[k] * (cos_pi(quarter) / centre);
    rows.right[k][0] = level * share[k] * (sin_pi(quarter) / centre);
  }
  return rows;
}

// A voice with one oscillator so far, and where others would begin.
AURALIS_FN voice::UnisonControlRows<1> begin_unison(uint32_t key) {
  constexpr uint32_t of_phases = 0xb5297a4d;
  voice::UnisonControlRows<1> rows{};
  for (int k = 1; k < voice::most_unison; ++k) {
    rows.phase[k][0] = 0.5 + 0.5 * draw(static_cast<uint32_t>(k), key ^ of_phases);
  }
  rows.left[0][0] = rows.right[0][0] = 1.0;
  return rows;
}

// Near Nyquist only the fundamental fits: the shapes' partials give way to it, and it to silence above 0.45·rate.
inline constexpr double near_nyquist = 0.14;

AURALIS_FN void keep_below_nyquist(float* oscillator, double increment) {  // five rows from sine1 or sine2 on
  using namespace voice;
  constexpr double last = 0.45;
  constexpr double triangle_fundamental = 0.8105694691387022;  // 8/π²
  constexpr double step_fundamental = 0.6366197723675814;      // 2/π
  if (increment <= near_nyquist) return;
  const double pure = lower_of(1.0, (increment - near_nyquist) / 0.02);
  const double audible = clamped((0.49 - increment) / (0.49 - last), 0.0, 1.0);
  const double partials = (1.0 - pure) * audible;
  const double lost = pure * audible;
  const double lost_triangle = static_cast<double>(oscillator[triangle1]) * lost;
  const double lost_step = static_cast<double>(oscillator[step1]) * lost;
  const double lost_second = static_cast<double>(oscillator[second_step1]) * lost;
  for (const int row : {triangle1, step1, second_step1}) {
    oscillator[row] = static_cast<float>(static_cast<double>(oscillator[row]) * partials);
  }
  oscillator[sine1] = static_cast<float>(static_cast<double>(oscillator[sine1]) * audible +
                                         lost_triangle * triangle_fundamental + lost_step * step_fundamental);
  oscillator[second_sine1] = static_cast<float>(lost_second * step_fundamental);
}

// end: what the last quantum left, and then what this one leaves; rows: plain_rows where the rest has always been 0.
AURALIS_FN voice::LevelStep step_levels(voice::Levels& levels, voice::Fast (&end)[voice::level_rows],
                                        const voice::Fast (&target)[voice::level_rows], int rows, int lane,
                                        bool fresh, double increment1, double increment2) {
  using namespace voice;
  float to[level_rows];
  for (int row = 0; row < rows; ++row) to[row] = target[row][lane];
  keep_below_nyquist(to + sine1, increment1);
  keep_below_nyquist(to + sine2, increment2);
  LevelStep step{.used = 0, .moves = higher_of(increment1, increment2) > near_nyquist};
  for (int row = 0; row < rows; ++row) {
    const float from = fresh ? to[row] : end[row][lane];
    levels.rows[row].start[lane] = from;
    levels.rows[row].step[lane] = (to[row] - from) * (1.0F / quantum_frames);
    end[row][lane] = to[row];
    if (from != 0.0F || to[row] != 0.0F) step.used |= 1u << row;
    step.moves |= from != to[row];
  }
  return step;
}

}  // namespace auralis::AURALIS_ISA
