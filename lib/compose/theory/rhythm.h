// SPDX-License-Identifier: MIT
// When the sparse things sound: evenly spread pulses (Euclidean rhythms) and a chain that thins them.
//   source   Toussaint, The Euclidean Algorithm Generates Traditional Musical Rhythms (2005)
#pragma once

#include <vector>

#include "model/rng.h"

namespace auralis {

// Nothing percussive (low, swell, bells, brush) sounds below this.
inline constexpr double percussion_from_intensity = 0.3;

// `pulses` onsets spread over `slots` as evenly as whole slots allow, the first turned to `rotation`.
std::vector<bool> euclidean(int pulses, int slots, int rotation);

// Keeps some of a rhythm's onsets, in runs rather than at random: what was played is likely to be followed by more.
class Thinning {
 public:
  // share of onsets kept in the long run, 0 … 1
  bool keep(double share, Rng& rng);

 private:
  bool kept_ = false;
};

}  // namespace auralis
