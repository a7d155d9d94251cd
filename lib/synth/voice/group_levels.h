// SPDX-License-Identifier: MIT
// The audio-rate levels of a whole group over one quantum: what step_levels does for a lane, row by row for all of them.
//   end     what the last quantum left, and then what this one leaves
//   rows    plain_rows where the rest has always been 0
//   fresh   all ones where a voice begins
#pragma once

#include "synth/voice/lane_step.h"

namespace auralis::voice {

baseline::LevelStep step_all_levels(Levels& levels, Fast (&end)[level_rows], const Fast (&target)[level_rows],
                                    int rows, const Whole& fresh, const Control& control);

}  // namespace auralis::voice
