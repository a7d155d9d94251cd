// SPDX-License-Identifier: MIT
// The fused voice: sixteen voices side by side, compiled for each instruction set, the same bits from each.
//   advance   one quantum of slow state; fills the record, and the steps of lanes that are modulated per frame; returns the lanes whose
//             voices have ended, a bit each
//   advance_unison   where record.unison, after advance
//   step_levels      where levels move: group_levels.h
//   sound     one quantum of sound; out is [layer_count][left, right][frame], the sum of each layer's lanes
//   sound_few   the same, for where only the first half of the lanes is active: vectors of half the width cost less
#pragma once

#include "synth/isa.h"
#include "synth/voice/state.h"

namespace auralis::voice {

struct Kernel {
  uint32_t (*advance)(Control& control, const Params& params, Record& record, Steps& steps);
  void (*advance_unison)(Unison& unison, const Control& control, const Params& params, const Record& record,
                         UnisonRecord& out);
  LevelStep (*step_levels)(Levels& levels, Fast (&end)[level_rows], const Fast (&target)[level_rows],
                           int rows, uint32_t active, const Whole& fresh, const Control& control);
  using Play = void (*)(const Record& record, const Steps& steps, const UnisonRecord& unison,
                        const Levels& levels, Sound& state, float* out);
  Play sound;
  Play sound_few;
};

Kernel kernel(Isa isa);  // a set that this build lacks is the baseline

}  // namespace auralis::voice
