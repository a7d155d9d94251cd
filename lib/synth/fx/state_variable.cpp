// SPDX-License-Identifier: MIT
#include "synth/fx/state_variable.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "model/maths.h"
#include "model/units.h"

namespace auralis {
namespace {

constexpr double highest_share = 0.45;  // of the rate

// g is the tangent of half the angle, k the damping.
Variable variable(double g, double k, double m0, double m1, double m2) {
  const double a1 = 1 / (1 + g * (g + k));
  const double a2 = g * a1;
  return {a1, a2, g * a2, m0, m1, m2};
}

double tangent(double hz, double rate) {
  return maths::tan(std::numbers::pi * std::min(hz / rate, highest_share));
}

}  // namespace

Variable variable_low_pass(double hz, double q, double rate) {
  return variable(tangent(hz, rate), 1 / q, 0, 0, 1);
}

Variable variable_high_pass(double hz, double q, double rate) {
  return variable(tangent(hz, rate), 1 / q, 1, -1 / q, -1);
}

Variable variable_low_cut(double hz, double q, double off_hz, double rate) {
  const double share = std::clamp((hz - off_hz) / off_hz, 0.0, 1.0);
  return variable(tangent(hz, rate), 1 / q, 1, -share / q, -share);
}

Variable variable_all_pass(double hz, double q, double rate) {
  return variable(tangent(hz, rate), 1 / q, 1, -2 / q, 0);
}

Variable variable_bell(double hz, double q, double db, double rate) {
  const double a = db_to_gain(db / 2);
  const double k = 1 / (q * a);
  return variable(tangent(hz, rate), k, 1, k * (a * a - 1), 0);
}

Variable variable_low_shelf(double hz, double db, double rate) {
  const double a = db_to_gain(db / 2);
  const double k = 1 / butterworth_q;
  return variable(tangent(hz, rate) / std::sqrt(a), k, 1, k * (a - 1), a * a - 1);
}

Variable variable_high_shelf(double hz, double db, double rate) {
  const double a = db_to_gain(db / 2);
  const double k = 1 / butterworth_q;
  return variable(tangent(hz, rate) * std::sqrt(a), k, a * a, k * (1 - a) * a, 1 - a * a);
}

void VariableGlide::set(const Variable& from, bool on, VariableRamp& ramp) const {
  ramp.on = on;
  ramp.moving = from != value_;
  for (size_t i = 0; i < variable_size; ++i) {
    ramp.from[i] = from[i];
    ramp.step[i] = (value_[i] - from[i]) / quantum_frames;
  }
}

}  // namespace auralis
