// SPDX-License-Identifier: MIT
// Slow curves that shape a piece over minutes. Each is the mean of two smooth swings whose periods are different prime
// numbers of seconds, so that no two arcs, and no two moments of one, come round together within hours.
//   value   −1 … 1, smooth; plain arithmetic only, so the same on every machine
#pragma once

#include <array>
#include <vector>

#include "compose/preset/preset.h"
#include "model/rng.h"

namespace auralis {

class Arc {
 public:
  Arc() = default;
  Arc(double first_period_s, double second_period_s, double first_phase, double second_phase)
      : period_s_{first_period_s, second_period_s}, phase_{first_phase, second_phase} {}

  // Two periods from a range, and where it begins.
  static Arc draw(const Range& periods_s, Rng& rng);

  double at(double t_s) const;
  const std::array<double, 2>& periods_s() const { return period_s_; }

 private:
  std::array<double, 2> period_s_{127.0, 307.0};
  std::array<double, 2> phase_{};
};

struct Arcs {
  Arc density;
  Arc brightness;
  Arc pitch;  // the register
  Arc space;

  // Eight different primes from the range (as near it as there are primes), in an order of the seed's.
  static Arcs draw(const Range& periods_s, Rng& rng);
};

// 0 at and below low, 1 at and above high, smooth between.
double smooth_step(double low, double high, double x);

}  // namespace auralis
