// SPDX-License-Identifier: MIT
// Chorus: the direct sound and two voices a side, 6 to 30 ms behind it and moving, the sides half a turn apart; together as
// strong as what went in.
#pragma once

#include <array>

#include "synth/fx/control_math.h"
#include "synth/fx/ring.h"
#include "synth/fx/smoothed.h"

namespace auralis {

struct Chorus {
  static constexpr VoiceParam send = VoiceParam::chorus_send;
  static constexpr bool taken_from_dry = true;
  static constexpr std::array slow{MasterParam::chorus_depth_ms};

  static constexpr int voices = 2;  // a side, beside the direct sound
  static constexpr double base_ms[voices] = {6.0, 9.5};

  // At the start and at the end of the quantum.
  struct Frame {
    double rate;
    double turn[2];  // of the oscillator, in cycles
    double depth_ms[2];
  };

  struct State {
    explicit State(double rate);
    int64_t memory_frames() const { return rings[0].frames(); }

    Ring rings[2];
  };

  class Control {
   public:
    explicit Control(double rate) : rate_(rate) {}
    void advance(const Smoothed& params, int64_t first_frame, Frame& frame);

   private:
    double rate_;
    Lfo lfo_;
  };
};

namespace AURALIS_ISA {
namespace {

// A voice's delay goes with the oscillator, sides half a turn and voices a quarter apart.
AURALIS_FN Tap tap_of(const Chorus::Frame& f, int side, int voice) {
  const double offset = 0.5 * side + 0.25 * voice;
  const auto frames = [&](int end) {
    const double turn = 1 + sine_of(f.turn[end] + offset);
    return 0.001 * (Chorus::base_ms[voice] + f.depth_ms[end] * turn) * f.rate;
  };
  return tap_between(frames(0), frames(1));
}

AURALIS_FN bool run(Chorus::State& s, const Chorus::Frame& f, int64_t frame, const StereoQuantum& in,
                    Returns& to) {
  constexpr float level = 0.57735027f;  // √(1/3)
  static_assert(Chorus::voices == 2);
  alignas(64) float voices[Chorus::voices][quantum_frames];
  for (int side = 0; side < 2; ++side) {
    write(s.rings[side], frame, in[side]);
    for (int voice = 0; voice < Chorus::voices; ++voice) {
      read(s.rings[side], frame, tap_of(f, side, voice), voices[voice]);
    }
    for (int n = 0; n < quantum_frames; n += lanes) {
      const F sum = load<F>(&in[side][n]) + load<F>(&voices[0][n]) + load<F>(&voices[1][n]);
      store(&to.mix[side][n], load<F>(&to.mix[side][n]) + level * sum);
    }
  }
  return true;
}

}  // namespace
}  // namespace AURALIS_ISA
}  // namespace auralis
