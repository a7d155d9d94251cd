// SPDX-License-Identifier: MIT
#include "synth/voice/group_levels.h"

#include <algorithm>
#include <utility>

namespace auralis::voice {

baseline::LevelStep step_all_levels(Levels& levels, Fast (&end)[level_rows], const Fast (&target)[level_rows],
                                    int rows, const Whole& fresh, const Control& c) {
  alignas(64) Fast to[level_rows];
  for (int row = 0; row < rows; ++row) {
    for (int lane = 0; lane < group_lanes; ++lane) to[row][lane] = target[row][lane];
  }
  bool high = false;
  for (int lane = 0; lane < group_lanes; ++lane) {
    if (c.active[lane] == 0.0 || std::max(c.increment1[lane], c.increment2[lane]) <= baseline::near_nyquist)
      continue;
    high = true;
    for (const auto& [first, increment] :
         {std::pair(sine1, c.increment1[lane]), std::pair(sine2, c.increment2[lane])}) {
      float oscillator[sine2];
      for (int i = 0; i < sine2; ++i) oscillator[i] = to[first + i][lane];
      baseline::keep_below_nyquist(oscillator, increment);
      for (int i = 0; i < sine2; ++i) to[first + i][lane] = oscillator[i];
    }
  }
  alignas(64) Whole uses{};
  alignas(64) Whole moves{};
  for (int row = 0; row < rows; ++row) {
    const int32_t bit = 1 << row;
    for (int lane = 0; lane < group_lanes; ++lane) {
      const float next = to[row][lane];
      const float from = fresh[lane] != 0 ? next : end[row][lane];
      levels.rows[row].start[lane] = from;
      levels.rows[row].step[lane] = (next - from) * (1.0F / quantum_frames);
      end[row][lane] = next;
      uses[lane] |= (from != 0.0F) | (next != 0.0F) ? bit : 0;
      moves[lane] |= from != next ? 1 : 0;
    }
  }
  baseline::LevelStep step{.used = 0, .moves = high};
  for (int lane = 0; lane < group_lanes; ++lane) {
    levels.uses[lane] = static_cast<uint32_t>(uses[lane]);
    step.used |= levels.uses[lane];
    step.moves |= moves[lane] != 0;
  }
  return step;
}

}  // namespace auralis::voice
