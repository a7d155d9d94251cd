// SPDX-License-Identifier: MIT
// What the control side of the effects computes with: ramps and taps for a quantum, second-order sections,
// slow oscillators, crossfades, hashes.
//   sections   b0 b1 b2 a1 a2; bilinear, after Bristow-Johnson, Cookbook Formulae for Audio EQ Biquad Coefficients
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "synth/fx/frame.h"
#include "synth/quantum.h"

namespace auralis {

// The greatest whole number up to x, for what fits 64 bits; std::floor is a call where SSE4.1 may be missing.
inline double whole_below(double x) {
  const auto whole = static_cast<double>(static_cast<int64_t>(x));
  return whole > x ? whole - 1 : whole;
}
inline double fraction(double x) { return x - whole_below(x); }

// sin(2π·cycles) by a polynomial, the same bits on every machine (libm's differ between processors); error 6e-8.
inline double sine(double cycles) {
  double x = fraction(cycles);
  x = x < 0.25 ? x : (x < 0.75 ? 0.5 - x : x - 1);  // −¼ … ¼
  const double a = 2 * std::numbers::pi * x;
  const double s = a * a;
  return a * (1 + s * (-1.0 / 6 + s * (1.0 / 120 + s * (-1.0 / 5040 + s * (1.0 / 362880 - s / 39916800)))));
}

// Uniform in [0, 1), a function of its arguments alone.
double hash_uniform(int64_t index, uint64_t purpose);

inline Ramp make_ramp(double from, double to) {
  const auto start = static_cast<float>(from);
  return {start, (static_cast<float>(to) - start) / quantum_frames};
}

inline Tap make_tap(double from_frames, double to_frames) {
  const double base = whole_below(std::min(from_frames, to_frames));
  return {static_cast<int32_t>(base), static_cast<float>(from_frames - base),
          static_cast<float>((to_frames - from_frames) / quantum_frames)};
}

using Section = std::array<double, section_size>;
Section low_pass(double hz, double q, double rate);
Section high_pass(double hz, double q, double rate);

// The same section as its state space, which is what the inner loops run: y = c0·x + s1, s1 ← c1·x + s2 − c3·s1,
// s2 ← c2·x − c4·s1. Its recursion does not pass through y, and so is the shortest.
Section state_form(const Section& section);

// Share of the way to its input that a one-pole low-pass goes in a frame.
double one_pole(double hz, double rate);

// A number worked out from parameters, only when they have moved; over the quantum it glides from the last to the new.
class Derived {
 public:
  template <typename Compute>
  Ramp advance(bool moved, Compute compute) {
    const double from = value_;
    if (moved || !known_) value_ = compute();
    const Ramp ramp = make_ramp(known_ ? from : value_, value_);
    known_ = true;
    return ramp;
  }

 private:
  bool known_ = false;
  double value_ = 0;
};

// The same for a section: all its coefficients glide at once, from one stable filter to another.
class DerivedSection {
 public:
  template <typename Compute>
  SectionRamp advance(bool moved, Compute compute) {
    const Section from = value_;
    if (moved || !known_) value_ = state_form(compute());
    SectionRamp ramp;
    for (size_t i = 0; i < section_size; ++i) ramp.of[i] = make_ramp(known_ ? from[i] : value_[i], value_[i]);
    known_ = true;
    return ramp;
  }

 private:
  bool known_ = false;
  Section value_{};
};

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

// The crossfade between an old and a new value of something that cannot glide without bending pitch; begun at will,
// it takes whole quanta.
class Crossfade {
 public:
  explicit Crossfade(double rate);

  bool active() const { return active_; }
  void begin();
  Ramp ramp() const;
  bool finish_quantum();  // true when the new value has taken over

 private:
  int quanta_;
  int done_ = 0;
  bool active_ = false;
};

// What is either in or out, and goes from one to the other by a crossfade.
class Presence {
 public:
  explicit Presence(double rate) : fade_(rate) {}

  // How much of it there is in the next quantum; false where it is out.
  bool advance(bool wanted, Ramp& wet);

 private:
  bool started_ = false;
  bool in_ = false;  // where the last fade arrived
  Crossfade fade_;
};

}  // namespace auralis
