// SPDX-License-Identifier: MIT
// Control of the two effects made of moving taps: the chorus and the ping-pong delay.
//   chorus   the direct sound and two voices a side, 6 to 30 ms behind it, the sides half a turn apart
//   delay    a tap a side at a time of its own; a new time is a crossfade, which bends no pitch
#pragma once

#include <array>
#include <cstdint>

#include "synth/fx/control_math.h"
#include "synth/fx/smoothed.h"

namespace auralis {

// An oscillator whose rate may change: it begins where the absolute frame puts it.
class Lfo {
 public:
  void advance(double hz, double rate, int64_t first_frame);
  double from() const { return from_; }
  double to() const { return to_; }

 private:
  bool started_ = false;
  double from_ = 0;  // cycles
  double to_ = 0;
};

class ChorusControl {
 public:
  explicit ChorusControl(double rate) : rate_(rate) {}
  void advance(const Smoothed& params, int64_t first_frame, ChorusFrame& frame);

  static double longest_delay_frames(double rate);

 private:
  double rate_;
  bool started_ = false;
  Lfo lfo_;
  double delays_[2][chorus_voices] = {};  // frames, at the end of the quantum
};

class DelayControl {
 public:
  explicit DelayControl(double rate);
  void advance(const Smoothed& params, int64_t first_frame, DelayFrame& frame);

  static double longest_delay_frames(double rate);

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

}  // namespace auralis
