// SPDX-License-Identifier: MIT
#include "synth/fx/limiter/limiter.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "model/units.h"
#include "synth/fx/kernels.h"

namespace auralis {
namespace {

constexpr double release_s = 0.15;
// Interpolators differ near the Nyquist frequency, where a meter may find a little more than we do.
constexpr double margin_db = 0.15;

void design_interpolator(LimiterState& s) {
  for (int phase = 0; phase < detector_phases; ++phase) {
    double gain = 0;
    for (int k = 0; k < s.taps; ++k) {
      const double x = k - (s.taps / 2 - 1) - 0.25 * (phase + 1);
      const double window = 0.5 + 0.5 * maths::cos(2 * std::numbers::pi * x / (s.taps + 1));
      const double weight =
          window * maths::sin(std::numbers::pi * x) / (std::numbers::pi * x) / db_to_gain(-margin_db);
      s.interpolator[phase][k] = static_cast<float>(weight);
      gain += std::abs(weight);
    }
    s.interpolator_gain = std::max(s.interpolator_gain, static_cast<float>(gain));
  }
}

Aligned<float> frames(int count, float value = 0) {
  Aligned<float> all(static_cast<size_t>(count));
  if (value != 0) std::fill(all.begin(), all.end(), value);
  return all;
}

}  // namespace

void LimiterControl::advance(const Smoothed& params, LimiterFrame& frame) {
  constexpr MasterParam p = MasterParam::ceiling_db;
  frame.ceiling = ceiling_.advance(params.moved(p), [&] { return db_to_gain(params.at(p)); });
}

Limiter::Limiter(int rate, Isa isa) : isa_(isa) {
  LimiterState& s = state_;
  const bool fast = rate >= 64000;
  s.lookahead = fast ? most_limiter_lookahead : limiter_lookahead;
  s.taps = fast ? most_detector_taps : detector_taps;
  design_interpolator(s);
  s.release = static_cast<float>(1 - maths::exp(-1 / (release_s * rate)));
  for (size_t side = 0; side < 2; ++side) {
    s.sound[side] = frames(s.lookahead + quantum_frames);
    s.detector[side] = frames(detector_history + quantum_frames);
  }
  s.to_come = frames((s.lookahead / quantum_frames + 1) * to_come_row, 1);
  s.past = frames(s.lookahead, 1);
  s.open_frames = s.lookahead + quantum_frames;
}

void Limiter::process(const StereoQuantum& in, const LimiterFrame& frame, StereoQuantum& out) {
  effects_kernels(isa_).limiter(state_, frame, in, out);
}

}  // namespace auralis
