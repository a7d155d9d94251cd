// SPDX-License-Identifier: MIT
// Second-order sections of the master, as a state-variable filter with zero-delay feedback in float64: exact far below
// 100 Hz at any rate, and stable while its coefficients move.
//   in, out    [frame][left, right] of a quantum
//   off        a section that changes nothing is passed over; its state is empty when it comes back
//   source     Zavalishin, The Art of VA Filter Design, rev. 2.1.2, ch. 4; Simper, Linear Trapezoidal Integrated State
//              Variable Filter, 2013
#pragma once

#include <array>

#include "synth/fx/loops.h"

namespace auralis {

// a1 a2 a3 of the two integrators; m0 m1 m2, what of input, band-pass and low-pass is heard.
inline constexpr int variable_size = 6;
using Variable = std::array<double, variable_size>;

inline constexpr double butterworth_q = 0.70710678118654752;

Variable variable_low_pass(double hz, double q, double rate);
Variable variable_high_pass(double hz, double q, double rate);
// The same, but at off_hz it lets all through, and comes in over the octave above.
Variable variable_low_cut(double hz, double q, double off_hz, double rate);
Variable variable_all_pass(double hz, double q, double rate);
Variable variable_bell(double hz, double q, double db, double rate);
Variable variable_low_shelf(double hz, double db, double rate);  // half of its decibels at hz
Variable variable_high_shelf(double hz, double db, double rate);

struct VariableRamp {
  bool on;
  bool moving;
  double from[variable_size];
  double step[variable_size];  // a frame
};

// Over the quantum it glides from the last coefficients to the new.
class VariableGlide {
 public:
  template <typename Compute>
  void advance(bool moved, bool on, VariableRamp& ramp, Compute compute) {
    const Variable from = value_;
    if (moved || !known_) value_ = compute();
    set(known_ ? from : value_, on, ramp);
    known_ = true;
  }

 private:
  void set(const Variable& from, bool on, VariableRamp& ramp) const;

  bool known_ = false;
  Variable value_{};
};

using Sides = double[quantum_frames][2];

struct VariableState {
  double band[2];
  double low[2];
};

namespace AURALIS_ISA {
namespace {

using Pair [[gnu::vector_size(16)]] = double;

AURALIS_FN Pair settled_pair(Pair state) {
  return ((state > settled_below) | (state < -settled_below)) ? state : Pair{};
}

struct VariableFrame {
  Pair band;
  Pair low;
};

AURALIS_FN VariableFrame tick(Pair& band, Pair& low, const double* c, Pair x) {
  const Pair rest = x - low;
  const Pair v1 = c[0] * band + c[1] * rest;
  const Pair v2 = low + (c[1] * band + c[2] * rest);
  band = (v1 + v1) - band;
  low = (v2 + v2) - low;
  return {v1, v2};
}

AURALIS_FN void to_sides(const StereoQuantum& in, Sides& out) {
  for (int n = 0; n < quantum_frames; ++n) {
    out[n][0] = static_cast<double>(in[0][n]);
    out[n][1] = static_cast<double>(in[1][n]);
  }
}
AURALIS_FN void from_sides(const Sides& in, StereoQuantum& out) {
  for (int n = 0; n < quantum_frames; ++n) {
    out[0][n] = static_cast<float>(in[n][0]);
    out[1][n] = static_cast<float>(in[n][1]);
  }
}

AURALIS_FN bool settle(VariableState& s, Pair band, Pair low) {
  band = settled_pair(band);
  low = settled_pair(low);
  store(s.band, band);
  store(s.low, low);
  return band[0] == 0 && band[1] == 0 && low[0] == 0 && low[1] == 0;
}

// True where nothing sounds on in it.
AURALIS_FN bool filter(VariableState& s, const VariableRamp& ramp, Sides& x) {
  if (!ramp.on) {
    __builtin_memset(&s, 0, sizeof s);
    return true;
  }
  Pair band = load<Pair>(s.band);
  Pair low = load<Pair>(s.low);
  double c[variable_size];
  for (int k = 0; k < variable_size; ++k) c[k] = ramp.from[k];
  for (int n = 0; n < quantum_frames; ++n) {
    const Pair in = load<Pair>(x[n]);
    const VariableFrame out = tick(band, low, c, in);
    store(x[n], c[3] * in + c[4] * out.band + c[5] * out.low);
    if (ramp.moving) {
      for (int k = 0; k < variable_size; ++k) c[k] += ramp.step[k];
    }
  }
  return settle(s, band, low);
}

}  // namespace
}  // namespace AURALIS_ISA
}  // namespace auralis
