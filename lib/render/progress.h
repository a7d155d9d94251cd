// SPDX-License-Identifier: MIT
// The line that shows on a terminal how far a render is.
#pragma once

#include <optional>
#include <string>

namespace auralis {

struct Progress {
  double made_s = 0.0;            // of sound
  std::optional<double> total_s;  // the piece's length, as far as it is known or can be guessed
  double spent_s = 0.0;           // since the start
};

// "[=====     ] 0:20 of 1:00, 0:02 left, 20 times real time"; without a total only what was made, and the speed.
std::string progress_line(const Progress& progress);

}  // namespace auralis
