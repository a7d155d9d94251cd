// SPDX-License-Identifier: MIT
// A device that makes the voices' sound in place of the processor; the caller opens it. Control, mix and effects stay on the
// processor.
//   DeviceSound   plays the records that the fused kernel would play here
//   Device        what a renderer is given to get one; many renderers may share it, from many threads
//   errors        Error{environment} where the device has too little memory or fails: one line that names it and a way out
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "synth/voice/state.h"

namespace auralis {

namespace voice {

class DeviceSound {
 public:
  virtual ~DeviceSound() = default;

  struct Playing {
    size_t group;
    uint32_t recorded;           // a bit for each quantum
    const Record* records;       // by quantum
    const Steps* steps;          // by quantum, of the records with any_per_frame
    const UnisonRecord* unison;  // by quantum, of the records with unison
    const Levels* levels;        // as the records number them
    float* out;                  // by quantum, group_lanes slots of [left, right][frame] each
  };
  // What the device itself spent on one render, as far as it can tell.
  struct Spent {
    double sound_s = 0.0;
    double copies_s = 0.0;  // to it and back
  };
  virtual Spent render(std::span<const Playing> groups, int quanta) = 0;
};

}  // namespace voice

// The names a device is asked for by: auto and cpu are the processor, which needs none of this; cuda, cuda:N and mps; units,
// which are LibTorch's operations on the processor, or on another device as units:cuda:0. "auto" is the processor since
// a piece's voices are few beside what a CUDA device needs to be busy (bench/cuda_bench.cpp). Error{usage} for the rest.
bool names_processor(std::string_view name);
void check_device_name(const std::string& name);

class Device {
 public:
  virtual ~Device() = default;

  virtual std::string name() const = 0;
  // A warning to log before it is used; empty where there is none.
  virtual std::string warning() const = 0;
  // From now on the calling thread's work runs on a stream of its own, beside that of other threads.
  virtual void own_stream() const = 0;
  // chunk: the most quanta of one render; level_sets: the most levels of one group in it.
  virtual std::unique_ptr<voice::DeviceSound> open_sound(size_t groups, int chunk, int level_sets) const = 0;
};

}  // namespace auralis
