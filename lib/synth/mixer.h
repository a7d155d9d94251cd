// SPDX-License-Identifier: MIT
// A layer's way into the mix: its level and its share of each effect, ramped over the quantum.
#pragma once

#include <array>

#include "model/patch.h"
#include "synth/fx/rack.h"
#include "synth/isa.h"

namespace auralis {

class Fader {
 public:
  explicit Fader(const Patch& patch) {
    move(patch);
    settle();
  }

  // Where the gains go over the next quantum; `ducked` is the share of duck_db by which the layer is down.
  void move(const Patch& patch, double ducked = 0.0);
  void mix(Isa isa, const StereoQuantum& layer, Buses& buses) const;  // adds the layer
  void settle() { from_ = to_; }                                      // the quantum is over

 private:
  using Gains = std::array<float, bus_count>;  // in the order of Buses
  Gains from_{};
  Gains to_{};
};

}  // namespace auralis
