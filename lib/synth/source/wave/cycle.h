// SPDX-License-Identifier: MIT
// A cycle on its way and its four readers: what wave/table.h does in every quantum, compiled for the baseline and for AVX2,
// the same bits from both. Its vectors are of fours, a number for each reader, as many frames side by side as there is room
// for; wider than AVX2's they gain nothing, since each four is loaded by itself.
#pragma once

#include "synth/isa.h"
#include "synth/source/frame.h"

namespace auralis::source {

// Positions as fractions of 2^32 cycles, whose highest bits number the frame.
struct Readers {
  static constexpr int count = 4;
  int bits;  // the cycle has 2^bits frames
  uint32_t position[count], increment[count], increment_step[count];
};

struct CycleKernel {
  // Adds a step to each frame; their number is a multiple of 16.
  void (*move)(float* cycle, const float* step, int length);
  // Adds what the readers read in a quantum, and leaves where they are then.
  void (*read)(const float* cycle, Readers& readers, Level level, Mono& out);
};

const CycleKernel& cycle_kernel(Isa isa);

}  // namespace auralis::source
