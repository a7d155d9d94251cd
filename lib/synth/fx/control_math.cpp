// SPDX-License-Identifier: MIT
#include "synth/fx/control_math.h"

#include <algorithm>
#include <numbers>

#include "model/maths.h"
#include "model/rng.h"

namespace auralis {
namespace {

using std::numbers::pi;

constexpr double crossfade_s = 0.046;

Section normalized(double b0, double b1, double b2, double a0, double a1, double a2) {
  return {b0 / a0, b1 / a0, b2 / a0, a1 / a0, a2 / a0};
}

double smoothstep(double x) { return x * x * (3 - 2 * x); }

}  // namespace

double hash_uniform(int64_t index, uint64_t purpose) {
  uint64_t state = static_cast<uint64_t>(index) * 0x9e3779b97f4a7c15u ^ purpose * 0xd1b54a32d192ed03u;
  return static_cast<double>(splitmix64(state) >> 11) * 0x1.0p-53;
}

Section low_pass(double hz, double q, double rate) {
  const double w = 2 * pi * std::min(hz / rate, 0.49);
  const double alpha = maths::sin(w) / (2 * q);
  const double c = maths::cos(w);
  return normalized((1 - c) / 2, 1 - c, (1 - c) / 2, 1 + alpha, -2 * c, 1 - alpha);
}

Section high_pass(double hz, double q, double rate) {
  const double w = 2 * pi * std::min(hz / rate, 0.49);
  const double alpha = maths::sin(w) / (2 * q);
  const double c = maths::cos(w);
  return normalized((1 + c) / 2, -(1 + c), (1 + c) / 2, 1 + alpha, -2 * c, 1 - alpha);
}

Section state_form(const Section& s) { return {s[0], s[1] - s[3] * s[0], s[2] - s[4] * s[0], s[3], s[4]}; }

double one_pole(double hz, double rate) { return 1 - maths::exp(-2 * pi * std::min(hz, 0.49 * rate) / rate); }

void Lfo::advance(double hz, double rate, int64_t first_frame) {
  from_ = started_ ? to_ : fraction(hz * static_cast<double>(first_frame) / rate);
  to_ = from_ + hz * quantum_frames / rate;
  if (from_ >= 1) {
    from_ -= 1;
    to_ -= 1;
  }
  started_ = true;
}

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

bool Presence::advance(bool wanted, Ramp& wet) {
  if (!started_) in_ = wanted;
  started_ = true;
  if (wanted != in_ && !fade_.active()) fade_.begin();
  const bool there = in_ || fade_.active();
  wet = make_ramp(in_ ? 1 : 0, in_ ? 1 : 0);
  if (!fade_.active()) return there;
  const Ramp ramp = fade_.ramp();
  wet = in_ ? Ramp{1 - ramp.from, -ramp.step} : ramp;
  if (fade_.finish_quantum()) in_ = !in_;
  return there;
}

}  // namespace auralis
