// SPDX-License-Identifier: MIT
// Ping-pong delay: each side's line takes its input and the other side's tap, through high-pass and low-pass.
//   times   a tap a side at a time of its own; a new time is a crossfade, which bends no pitch
#pragma once

#include <array>

#include "synth/fx/control_math.h"
#include "synth/fx/ring.h"
#include "synth/fx/smoothed.h"

namespace auralis {

struct Delay {
  static constexpr VoiceParam send = VoiceParam::delay_send;
  static constexpr bool taken_from_dry = false;
  static constexpr std::array slow{MasterParam::delay_mod_ms};

  struct Frame {
    FadedTap taps[2];
    bool fading[2];
    Ramp mix[2];
    Ramp feedback;
    Ramp low;  // one-pole coefficients
    Ramp high;
    Ramp level;
    Ramp to_reverb;
  };

  struct State {
    explicit State(double rate);
    int64_t memory_frames() const { return rings[0].frames(); }

    Ring rings[2];
    float low[2] = {};
    float high[2] = {};
  };

  class Control {
   public:
    explicit Control(double rate);
    void advance(const Smoothed& params, int64_t first_frame, Frame& frame);

   private:
    struct Place {
      explicit Place(double rate) : fade(rate) {}
      double now = 0;  // frames
      double next = 0;
      Crossfade fade;
      double turn = 0;  // of the modulation, -1 … 1, at the end of the quantum
    };
    double rate_;
    bool started_ = false;
    Lfo lfo_;
    std::array<Place, 2> places_;
    Derived low_;
    Derived high_;
  };
};

namespace AURALIS_ISA {
namespace {

// A one-pole low-pass over both sides, x ← what it lets through: but for the recursion, frames are lanes.
AURALIS_FN void smooth(float (&state)[2], const Ramp& share, StereoQuantum& x) {
  alignas(64) float kept[quantum_frames];
  for (int n = 0; n < quantum_frames; n += lanes) {
    const F k = at(share, n);
    store(kept + n, 1.0f - k);
    for (float(&side)[quantum_frames] : x) store(side + n, k * load<F>(side + n));
  }
  float left = state[0];
  float right = state[1];
  for (int n = 0; n < quantum_frames; ++n) {
    x[0][n] = left = kept[n] * left + x[0][n];
    x[1][n] = right = kept[n] * right + x[1][n];
  }
  state[0] = settled(left);
  state[1] = settled(right);
}

// What goes into each line: its input, and the other side's tap without its lowest and its highest.
AURALIS_FN void filter(Delay::State& s, const Delay::Frame& f, const StereoQuantum& taps,
                       const StereoQuantum& in, StereoQuantum& lines) {
  alignas(64) StereoQuantum low;
  for (int side = 0; side < 2; ++side) __builtin_memcpy(low[side], taps[1 - side], sizeof low[side]);
  smooth(s.low, f.low, low);
  alignas(64) StereoQuantum high;
  for (int side = 0; side < 2; ++side) {
    for (int n = 0; n < quantum_frames; n += lanes)
      store(&high[side][n], load<F>(&taps[1 - side][n]) - load<F>(&low[side][n]));
  }
  smooth(s.high, f.high, high);
  for (int side = 0; side < 2; ++side) {
    for (int n = 0; n < quantum_frames; n += lanes)
      store(&lines[side][n], load<F>(&in[side][n]) + at(f.feedback, n) * load<F>(&high[side][n]));
  }
}

AURALIS_FN bool run(Delay::State& s, const Delay::Frame& f, int64_t frame, const StereoQuantum& in,
                    Returns& to) {
  alignas(64) StereoQuantum taps;
  for (int side = 0; side < 2; ++side) {
    read(s.rings[side], frame, f.taps[side].now, taps[side]);
    if (!f.fading[side]) continue;
    alignas(64) float next[quantum_frames];
    read(s.rings[side], frame, f.taps[side].next, next);
    crossfade(f.mix[side], next, taps[side]);
  }
  alignas(64) StereoQuantum lines;
  filter(s, f, taps, in, lines);
  const bool still = quiet(lines);
  if (still) clear(lines);
  for (int side = 0; side < 2; ++side) write(s.rings[side], frame, lines[side]);
  scale(f.level, taps);
  mix({1, 0}, taps, to.mix);
  mix(f.to_reverb, taps, to.reverb);
  return still;
}

}  // namespace
}  // namespace AURALIS_ISA
}  // namespace auralis
