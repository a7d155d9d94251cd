// SPDX-License-Identifier: MIT
// The voices' sound on any device LibTorch knows: the records that the fused kernel would play, through the units
// of the reference, all voices of a chunk side by side.
//   render   fills out[group][quantum][layer slot][left, right][frame] for the groups that play
//   type     float64, or float32 where the device has nothing wider
#pragma once

#include <memory>
#include <span>
#include <string>

#include "synth/voice/state.h"

namespace auralis::voice {

class DeviceSound {
 public:
  DeviceSound(const std::string& device, size_t groups);
  ~DeviceSound();

  struct Playing {
    size_t group;
    uint32_t recorded;      // a bit for each quantum
    const Record* records;  // by quantum
    const Levels* levels;   // as the records number them
    float* out;             // by quantum, group_lanes slots of [left, right][frame] each
  };
  void render(std::span<const Playing> groups, int quanta);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auralis::voice
