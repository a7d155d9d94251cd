// SPDX-License-Identifier: MIT
// The grid everything in the synthesizer runs on: quanta of 64 frames, counted from frame 0 of the piece.
// Voices, buses and effects advance by whole quanta whatever blocks a caller asks for, so that the output
// does not depend on the block size; a note still begins and ends on its own frame inside a quantum.
//   StereoQuantum   [left, right][frame], nominal ±1
#pragma once

#include <cstdint>

namespace auralis {

inline constexpr int quantum_frames = 64;

using StereoQuantum = float[2][quantum_frames];

// A state below this is as good as 0: −300 dB.
inline constexpr double settled_below = 1e-15;

constexpr int64_t quantum_of(int64_t frame) { return frame / quantum_frames; }

// Frames a second that the synthesizer can make; below the lowest the shortest feedback would be less than a quantum.
inline constexpr int lowest_rate = 22050;
inline constexpr int highest_rate = 192000;

}  // namespace auralis
