// SPDX-License-Identifier: MIT
// The voices' sound on a device: the records that the fused kernel would play on the processor.
//   render   fills out[group][quantum][layer slot][left, right][frame] for the groups that play
//   units    through LibTorch operations, all voices of a chunk side by side, on any device that LibTorch knows;
//            float64, or float32 where the device has nothing wider
//   CUDA     through the kernel's own source, the same bits as the processor's, where the build has it
#pragma once

#include <c10/core/Device.h>

#include <memory>
#include <span>

#include "synth/voice/state.h"

namespace auralis::voice {

class DeviceSound {
 public:
  virtual ~DeviceSound() = default;

  struct Playing {
    size_t group;
    uint32_t recorded;      // a bit for each quantum
    const Record* records;  // by quantum
    const Steps* steps;     // by quantum, of the records that are fine
    const Levels* levels;   // as the records number them
    float* out;             // by quantum, group_lanes slots of [left, right][frame] each
  };
  virtual void render(std::span<const Playing> groups, int quanta) = 0;
};

// chunk: the most quanta of one render; level_sets: the most levels of one group in it
std::unique_ptr<DeviceSound> unit_sound(c10::Device device, size_t groups);
std::unique_ptr<DeviceSound> cuda_sound(c10::Device device, size_t groups, int chunk, int level_sets);

}  // namespace auralis::voice
