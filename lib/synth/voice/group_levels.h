// SPDX-License-Identifier: MIT
// The audio-rate levels of a whole group over one quantum: what step_levels does for a lane, row by row for all of them.
//   end     what the last quantum left, and then what this one leaves
//   rows    plain_rows where the rest has always been 0
//   fresh   all ones where a voice begins
#pragma once

#include "synth/voice/kernel.h"
#include "synth/voice/lane_step.h"

namespace auralis::AURALIS_ISA {

// Bits of the active lanes of which an oscillator nears Nyquist.
AURALIS_FN uint32_t lanes_near_nyquist(const voice::Control& c, uint32_t active) {
  uint32_t found = 0;
  for (uint32_t left = active; left != 0; left &= left - 1) {
    const int lane = __builtin_ctz(left);
    if (higher_of(c.increment1[lane], c.increment2[lane]) > near_nyquist) found |= 1u << lane;
  }
  return found;
}

AURALIS_RARE void keep_lane_below_nyquist(voice::Fast* rows, const voice::Control& c, int lane) {
  using namespace voice;
  const double increments[] = {c.increment1[lane], c.increment2[lane]};
  for (const int which : {0, 1}) {
    float oscillator[sine2];
    Fast* const from = rows + which * sine2;
    for (int i = 0; i < sine2; ++i) oscillator[i] = from[i][lane];
    keep_below_nyquist(oscillator, increments[which]);
    for (int i = 0; i < sine2; ++i) from[i][lane] = oscillator[i];
  }
}

AURALIS_FN voice::LevelStep step_all_levels(voice::Levels& levels, voice::Fast (&end)[voice::level_rows],
                                            const voice::Fast (&target)[voice::level_rows], int rows,
                                            uint32_t active, const voice::Whole& fresh,
                                            const voice::Control& c) {
  using namespace voice;
  const uint32_t high = lanes_near_nyquist(c, active);
  alignas(64) Fast kept[2 * sine2];
  const Fast* first = target;  // of both oscillators
  if (high != 0) {
    __builtin_memcpy(kept, target, sizeof kept);
    for (uint32_t left = high; left != 0; left &= left - 1)
      keep_lane_below_nyquist(kept, c, __builtin_ctz(left));
    first = kept;
  }
  LevelStep step{.used = 0, .moves = high != 0};
  I moves{};
  for (int at = 0; at < group_lanes; at += lanes) {
    const I begins = load<I>(fresh + at);
    I uses{};
    for (int row = 0; row < rows; ++row) {
      const F next = load<F>((row < 2 * sine2 ? first : target)[row] + at);
      const F from = (F)((begins & (I)next) | (~begins & load<I>(end[row] + at)));
      store(levels.rows[row].start + at, from);
      store(levels.rows[row].step + at, (next - from) * (1.0F / quantum_frames));
      store(end[row] + at, next);
      uses |= ((from != 0.0F) | (next != 0.0F)) & (1 << row);
      moves |= from != next;
    }
    store(levels.uses + at, (U)uses);
  }
  for (const uint32_t uses : levels.uses) step.used |= uses;
  alignas(64) int32_t moved[lanes];
  store(moved, moves);
  for (const int32_t any : moved) step.moves |= any != 0;
  return step;
}

}  // namespace auralis::AURALIS_ISA
