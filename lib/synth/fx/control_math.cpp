// SPDX-License-Identifier: MIT
#include "synth/fx/control_math.h"

#include <algorithm>
#include <numbers>

#include "core/rng.h"

namespace auralis {
namespace {

using std::numbers::pi;

constexpr double crossfade_s = 0.046;

Section normalized(double b0, double b1, double b2, double a0, double a1, double a2) {
  return {b0 / a0, b1 / a0, b2 / a0, a1 / a0, a2 / a0};
}

double smoothstep(double x) { return x * x * (3 - 2 * x); }

}  // namespace

double sine(double cycles) {
  double x = fraction(cycles);
  x = x < 0.25 ? x : (x < 0.75 ? 0.5 - x : x - 1);  // −¼ … ¼
  const double a = 2 * pi * x;
  const double s = a * a;
  return a * (1 + s * (-1.0 / 6 + s * (1.0 / 120 + s * (-1.0 / 5040 + s * (1.0 / 362880 - s / 39916800)))));
}

double hash_uniform(int64_t index, uint64_t purpose) {
  uint64_t state = static_cast<uint64_t>(index) * 0x9e3779b97f4a7c15u ^ purpose * 0xd1b54a32d192ed03u;
  return static_cast<double>(splitmix64(state) >> 11) * 0x1.0p-53;
}

Tap make_tap(double from_frames, double to_frames) {
  const double base = whole_below(std::min(from_frames, to_frames));
  return {static_cast<int32_t>(base), static_cast<float>(from_frames - base),
          static_cast<float>((to_frames - from_frames) / quantum_frames)};
}

Section low_pass(double hz, double q, double rate) {
  const double w = 2 * pi * std::min(hz / rate, 0.49);
  const double alpha = std::sin(w) / (2 * q);
  const double c = std::cos(w);
  return normalized((1 - c) / 2, 1 - c, (1 - c) / 2, 1 + alpha, -2 * c, 1 - alpha);
}

Section high_pass(double hz, double q, double rate) {
  const double w = 2 * pi * std::min(hz / rate, 0.49);
  const double alpha = std::sin(w) / (2 * q);
  const double c = std::cos(w);
  return normalized((1 + c) / 2, -(1 + c), (1 + c) / 2, 1 + alpha, -2 * c, 1 - alpha);
}

void store(const Section& section, float* coefficients) {
  for (size_t i = 0; i < section.size(); ++i) coefficients[i] = static_cast<float>(section[i]);
}

double one_pole(double hz, double rate) { return 1 - std::exp(-2 * pi * std::min(hz, 0.49 * rate) / rate); }

Crossfade::Crossfade(double rate)
    : quanta_(static_cast<int>(std::lround(crossfade_s * rate / quantum_frames))) {}

void Crossfade::begin() {
  active_ = true;
  done_ = 0;
}

Ramp Crossfade::ramp() const {
  const double quanta = quanta_;
  return make_ramp(smoothstep(done_ / quanta), smoothstep((done_ + 1) / quanta));
}

bool Crossfade::finish_quantum() {
  if (!active_ || ++done_ < quanta_) return false;
  active_ = false;
  return true;
}

}  // namespace auralis
