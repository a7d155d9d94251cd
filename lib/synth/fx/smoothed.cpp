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
  was_ = at_;
  asked_ = target;
  for (size_t i = 0; i < master_param_count; ++i) {
    const ParamInfo& info = master_params[i];
    target_[i] = std::clamp(static_cast<double>(target.values[i]), info.min, info.max);
    if (started_ && target_[i] == at_[i]) continue;
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
  if (!started_) was_ = at_;
  started_ = true;
  settled_ = was_ == target_ && at_ == target_;
}

}  // namespace auralis
