// SPDX-License-Identifier: MIT
// What the voices hand to the effects each quantum: the dry sound and one send for each effect.
//   each bus   [left, right][frame], nominal ±1
#pragma once

#include <cstddef>

#include "synth/quantum.h"

namespace auralis {

using StereoQuantum = float[2][quantum_frames];

struct Buses {
  alignas(64) StereoQuantum dry;
  alignas(64) StereoQuantum chorus;
  alignas(64) StereoQuantum delay;
  alignas(64) StereoQuantum reverb;
  alignas(64) StereoQuantum cloud;
  alignas(64) StereoQuantum resonator;
};
inline constexpr size_t bus_count = sizeof(Buses) / sizeof(StereoQuantum);

}  // namespace auralis
