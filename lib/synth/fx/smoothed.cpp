// SPDX-License-Identifier: MIT
#include "synth/fx/smoothed.h"

#include <algorithm>
#include <cmath>

#include "model/maths.h"

namespace auralis {

Smoothed::Smoothed(double rate, std::span<const MasterParam> slow) {
  const auto approach = [rate](double time_s) { return 1 - maths::exp(-quantum_frames / (rate * time_s)); };
  approach_.fill(approach(0.02));
  for (const MasterParam p : slow) approach_[static_cast<size_t>(p)] = approach(0.2);
}

void Smoothed::advance(const MasterPatch& target) {
  still_ = settled_ && target == asked_;
  if (still_) return;
  // What neither moved in the quantum before nor is asked for anew stays.
  std::array<size_t, master_param_count> which;
  size_t moving = 0;
  for (size_t i = 0; i < master_param_count; ++i) {
    if (!started_ || moving_[i] || target.values[i] != asked_.values[i]) which[moving++] = i;
  }
  asked_ = target;
  settled_ = true;
  for (size_t at = 0; at < moving; ++at) {
    const size_t i = which[at];
    was_[i] = at_[i];
    approach(i, static_cast<double>(target.values[i]));
    if (!started_) was_[i] = at_[i];
    moving_[i] = was_[i] != target_[i] || at_[i] != target_[i];
    settled_ = settled_ && !moving_[i];
  }
  started_ = true;
}

void Smoothed::approach(size_t i, double asked) {
  const ParamInfo& info = master_params[i];
  target_[i] = std::clamp(asked, info.min, info.max);
  if (started_ && target_[i] == at_[i]) return;
  const bool log = info.curve == Curve::logarithmic;
  const double goal = log ? maths::log(target_[i]) : target_[i];
  const double span = log ? maths::log(info.max / info.min) : info.max - info.min;
  if (!started_ || std::abs(goal - place_[i]) < 1e-4 * span) {
    place_[i] = goal;
    at_[i] = target_[i];
  } else {
    place_[i] += (goal - place_[i]) * approach_[i];
    at_[i] = log ? maths::exp(place_[i]) : place_[i];
  }
}

}  // namespace auralis
