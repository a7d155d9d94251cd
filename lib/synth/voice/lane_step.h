// SPDX-License-Identifier: MIT
// What one lane takes from its patch: its note's share of the slow parameters, and its audio-rate levels over one
// quantum, from where the last one left them to where the patch wants them.
#pragma once

#include "synth/simd/functions.h"
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

// The rows that depend on the note as well: velocity, key tracking, position.
AURALIS_FN void add_note(voice::PatchParams& params, const voice::PatchTouch& touch, double pitch, double vel,
                         double pan) {
  params.cutoff_oct[0] += touch.key_track * (pitch - 60.0) / 12.0 - touch.filter_vel_oct * (1.0 - vel);
  params.pan[0] += pan;
  params.level[0] = gain_of_db(-touch.velocity_db * (1.0 - vel));
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

struct LevelStep {
  uint32_t used;  // a bit for each row that is not 0 throughout
  bool moves;     // the next quantum must step too, were it only to stand still
};

// end: what the last quantum left, and then what this one leaves.
AURALIS_FN LevelStep step_levels(voice::Levels& levels, voice::Fast (&end)[voice::level_rows],
                                 const voice::Fast (&target)[voice::level_rows], int lane, bool fresh,
                                 double increment1, double increment2) {
  using namespace voice;
  float to[level_rows];
  for (int row = 0; row < level_rows; ++row) to[row] = target[row][lane];
  keep_below_nyquist(to + sine1, increment1);
  keep_below_nyquist(to + sine2, increment2);
  LevelStep step{.used = 0, .moves = higher_of(increment1, increment2) > near_nyquist};
  for (int row = 0; row < level_rows; ++row) {
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
