// SPDX-License-Identifier: MIT
#include "synth/fx/dynamics/dynamics.h"

#include <cmath>

#include "model/maths.h"

namespace auralis {
namespace {

using P = MasterParam;

}  // namespace

void Dynamics::Control::advance(const Smoothed& params, int64_t, Frame& frame) {
  if (started_ && params.still() && !frame.on) return;
  frame.on = presence_.advance(params.target(P::dynamics_ratio) > 1, frame.wet);
  constexpr std::array<P, crossovers> edges{P::dynamics_low_hz, P::dynamics_high_hz};
  for (size_t i = 0; i < crossovers; ++i) {
    glides_[i].advance(params.moved(edges[i]), true, frame.low_pass[i],
                       [&] { return variable_low_pass(params.at(edges[i]), butterworth_q, rate_); });
  }
  frame.held = static_cast<int32_t>(std::lround(held_s * rate_ / quantum_frames));
  frame.damping = 1 / butterworth_q;
  constexpr std::array<P, bands> thresholds{P::dynamics_low_db, P::dynamics_mid_db, P::dynamics_high_db};
  for (size_t b = 0; b < bands; ++b) frame.threshold_db[b] = params.at(thresholds[b]);
  frame.slope = 1 - 1 / params.at(P::dynamics_ratio);
  const auto share = [&](double time_s) { return 1 - maths::exp(-quantum_frames / (rate_ * time_s)); };
  frame.attack = share(0.001 * params.at(P::dynamics_attack_ms));
  frame.release = share(params.at(P::dynamics_release_s));
  started_ = true;
}

}  // namespace auralis
