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

// What goes into each line: its input, and the other side's tap without its lowest and its highest, by two one-poles in a
// row. Their recursions go along the frames together; all else has frames as lanes.
AURALIS_FN void filter(Delay::State& s, const Delay::Frame& f, const StereoQuantum& taps,
                       const StereoQuantum& in, StereoQuantum& lines) {
  alignas(64) float low_kept[quantum_frames];
  alignas(64) float high_kept[quantum_frames];
  alignas(64) float high_share[quantum_frames];
  alignas(64) StereoQuantum taken;  // into the low of each side
  for (int n = 0; n < quantum_frames; n += lanes) {
    const F low = at(f.low, n);
    const F high = at(f.high, n);
    store(low_kept + n, 1.0f - low);
    store(high_kept + n, 1.0f - high);
    store(high_share + n, high);
    for (int side = 0; side < 2; ++side) store(&taken[side][n], low * load<F>(&taps[1 - side][n]));
  }
  float low[2] = {s.low[0], s.low[1]};
  float high[2] = {s.high[0], s.high[1]};
  alignas(64) StereoQuantum passed;
  for (int n = 0; n < quantum_frames; ++n) {
    for (int side = 0; side < 2; ++side) {
      low[side] = low_kept[n] * low[side] + taken[side][n];
      high[side] = high_kept[n] * high[side] + high_share[n] * (taps[1 - side][n] - low[side]);
      passed[side][n] = high[side];
    }
  }
  for (int side = 0; side < 2; ++side) {
    s.low[side] = settled(low[side]);
    s.high[side] = settled(high[side]);
    for (int n = 0; n < quantum_frames; n += lanes)
      store(&lines[side][n], load<F>(&in[side][n]) + at(f.feedback, n) * load<F>(&passed[side][n]));
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
