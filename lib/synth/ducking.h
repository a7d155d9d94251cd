// SPDX-License-Identifier: MIT
// How far hits push the other layers down, quantum by quantum: 0 nothing, 1 by all of their duck_db.
//   hit       sets out for its strength, unless a stronger one is still at work
//   advance   down with the attack, back with the release; both ends of each movement are gentle
#pragma once

#include <algorithm>

#include "model/patch.h"
#include "synth/quantum.h"
#include "synth/simd/functions.h"

namespace auralis {

class Ducking {
 public:
  void hit(double strength) { push_ = std::max(push_, strength); }

  // False where nothing is pushed down, nor was in the quantum before.
  bool advance(const MasterPatch& master, int rate) {
    if (push_ == 0.0 && at_ == 0.0) return false;
    const auto kept = [rate](double time_s) {
      constexpr double log2_e = 1.4426950408889634;
      return baseline::exp2_of(-log2_e * quantum_frames / (rate * time_s));
    };
    const double attack = kept(0.0005 * static_cast<double>(master[MasterParam::duck_attack_ms]));
    half_way_ = push_ + (half_way_ - push_) * attack;
    at_ = half_way_ + (at_ - half_way_) * attack;
    push_ *= kept(static_cast<double>(master[MasterParam::duck_release_s]));
    if (std::max({push_, half_way_, at_}) < least) push_ = half_way_ = at_ = 0.0;
    return true;
  }
  double at() const { return at_; }

 private:
  static constexpr double least = 1e-5;  // of duck_db

  double push_ = 0.0;      // what the hits ask for
  double half_way_ = 0.0;  // after the first of two one-poles
  double at_ = 0.0;
};

}  // namespace auralis
