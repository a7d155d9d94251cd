// SPDX-License-Identifier: MIT
#include "compose/theory/rhythm.h"

#include <algorithm>

#include "compose/theory/scale.h"

namespace auralis {

std::vector<bool> euclidean(int pulses, int slots, int rotation) {
  std::vector<bool> rhythm(static_cast<size_t>(slots), false);
  for (int i = 0; i < slots; ++i) {
    if ((i * pulses) % slots < pulses) rhythm[static_cast<size_t>(wrap(i + rotation, slots))] = true;
  }
  return rhythm;
}

bool Thinning::keep(double share, Rng& rng) {
  // A two-state chain whose stationary share is `share`, and whose states last, since not every draw renews them.
  constexpr double renewal = 0.4;
  if (rng.chance(renewal)) kept_ = rng.chance(std::clamp(share, 0.0, 1.0));
  return kept_;
}

}  // namespace auralis
