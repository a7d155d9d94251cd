// SPDX-License-Identifier: MIT
// The voices' sound on a device; see synth/device.h.
//   units    through LibTorch operations, all voices of a chunk side by side, on any device that LibTorch knows;
//            float64, or float32 where the device has nothing wider
//   CUDA     through the kernel's own source, the same bits as the processor's, where the build has it
#pragma once

#include <c10/core/Device.h>

#include <memory>

#include "synth/device.h"

namespace auralis::voice {

std::unique_ptr<DeviceSound> unit_sound(c10::Device device, size_t groups);
std::unique_ptr<DeviceSound> cuda_sound(c10::Device device, size_t groups, int chunk, int level_sets);

}  // namespace auralis::voice
