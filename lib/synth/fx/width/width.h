// SPDX-License-Identifier: MIT
// Width on the whole mix: the sides (half the difference of left and right) are cut below a frequency, 12 dB an octave,
// and louder or softer above. The sum of left and right, which a mono speaker plays, stays as it is.
#pragma once

#include "synth/fx/control_math.h"
#include "synth/fx/smoothed.h"
#include "synth/fx/state_variable.h"

namespace auralis {

struct Width {
  struct Frame {
    bool on = false;
    VariableRamp cut;
    Ramp gain;
  };

  struct State {
    explicit State(double) {}

    bool silent = true;
    VariableState cut{};
  };

  class Control {
   public:
    explicit Control(double rate) : rate_(rate) {}
    void advance(const Smoothed& params, int64_t first_frame, Frame& frame);

   private:
    double rate_;
    bool started_ = false;
    VariableGlide cut_;
    Derived gain_;
  };
};

namespace AURALIS_ISA {
namespace {

AURALIS_FN void run(Width::State& s, const Width::Frame& f, int64_t, StereoQuantum& mix) {
  if (!f.on || (s.silent && quiet(mix))) return;
  alignas(16) Sides side;
  for (int n = 0; n < quantum_frames; ++n) {
    side[n][0] = 0.5 * (static_cast<double>(mix[0][n]) - static_cast<double>(mix[1][n]));
    side[n][1] = 0;
  }
  s.silent = filter(s.cut, f.cut, side);
  for (int n = 0; n < quantum_frames; ++n) {
    const float left = mix[0][n];
    const float right = mix[1][n];
    const auto change = at_frame(f.gain, n) * static_cast<float>(side[n][0]) - 0.5f * (left - right);
    mix[0][n] = left + change;
    mix[1][n] = right - change;
  }
}

}  // namespace
}  // namespace AURALIS_ISA
}  // namespace auralis
