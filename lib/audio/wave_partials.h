// SPDX-License-Identifier: MIT
// The partials of a wave: of a sound file's cycles, each so many frames long, the amplitudes that a preset's `wave` takes.
//   cycles    at most 16; of more, so many at even distances, the first and the last among them
//   partials  [cycle][partial], the fundamental's first, 0 … 1, the loudest of all 1; at most 512, none below -80 dB behind
//             the last; both channels together
//   errors    Error{usage} for a cycle that no file has; Error{bad_input} where the file is shorter, or silent
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace auralis {

// cycle_frames 0: 2048 where the file is a whole number of such cycles, else the file is one.
std::vector<std::vector<double>> wave_partials(const std::string& file, int64_t cycle_frames);

}  // namespace auralis
