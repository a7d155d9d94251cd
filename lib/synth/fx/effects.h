// SPDX-License-Identifier: MIT
// The master effects: chorus, ping-pong delay, granular cloud, resonators, reverb, DC block and gain.
//   buses, out     one quantum each, [left, right][frame], nominal ±1
//   control        what the parameters ask of this quantum, advanced once and shared by every instance
//   linearity      instances fed with parts of a signal sum to one fed with the whole: nothing here depends
//   on
//                  the signal but the skipping of units that have been silent, below -180 dBFS, for all their
//                  memory
//   device         effects run on the processor; voices made elsewhere are copied here once a block
//   errors         Error{usage} for a rate outside 22050…192000
#pragma once

#include <memory>

#include "synth/bus.h"
#include "synth/fx/control.h"
#include "synth/isa.h"

namespace auralis {

class Effects {
 public:
  explicit Effects(int rate, Isa isa = best_isa());
  ~Effects();
  Effects(Effects&&) noexcept;
  Effects& operator=(Effects&&) noexcept;

  void process(const Buses& buses, const EffectsControl& control, StereoQuantum& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auralis
