// SPDX-License-Identifier: MIT
// The last of the effects, on the whole mix: its mean is taken away, and the master's level given.
#pragma once

#include <array>

#include "synth/fx/control_math.h"
#include "synth/fx/loops.h"
#include "synth/fx/smoothed.h"

namespace auralis {

struct Output {
  struct Frame {
    alignas(16) float kept[4];  // of the mean, after one to four frames
    float taken;                // of the sound into it, at each frame
    Ramp gain;
  };

  struct State {
    explicit State(double) {}

    float mean[2] = {};
  };

  class Control {
   public:
    explicit Control(double rate);
    void advance(const Smoothed& params, int64_t first_frame, Frame& frame);

   private:
    float taken_;
    std::array<float, 4> kept_;
    Derived gain_;
  };
};

namespace AURALIS_ISA {
namespace {

// The mean is a one-pole, four frames at a time: what the four add to it, then what is left of it from before.
AURALIS_FN void block_dc(float (&mean)[2], const Output::Frame& f, StereoQuantum& mix) {
  const float once = f.kept[0];
  const float twice = f.kept[1];
  const Q kept = load<Q>(f.kept);
  for (int side = 0; side < 2; ++side) {
    Q carried = Q{} + mean[side];
    for (int n = 0; n < quantum_frames; n += 4) {
      const Q x = load<Q>(&mix[side][n]);
      Q sum = f.taken * x;
      sum += once * __builtin_shufflevector(Q{}, sum, 0, 4, 5, 6);
      sum += twice * __builtin_shufflevector(Q{}, sum, 0, 1, 4, 5);
      const Q here = sum + kept * carried;
      store(&mix[side][n], x - here);
      carried = __builtin_shufflevector(here, here, 3, 3, 3, 3);
    }
    mean[side] = settled(carried[0]);
  }
}

AURALIS_FN void run(Output::State& s, const Output::Frame& f, int64_t, StereoQuantum& mix) {
  block_dc(s.mean, f, mix);
  scale(f.gain, mix);
}

}  // namespace
}  // namespace AURALIS_ISA
}  // namespace auralis
