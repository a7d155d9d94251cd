// SPDX-License-Identifier: MIT
#include "compose/arc.h"

#include <algorithm>
#include <cmath>

#include "model/maths.h"

namespace auralis {
namespace {

constexpr size_t periods_needed = 8;  // two for each arc
constexpr int widen_s = 10;           // either way, of a range with too few primes

// Up from −1 to 1 and down again over a period of 1, flat at both ends.
double swing(double phase) {
  phase -= std::floor(phase);
  return 2.0 * smooth_step(0.0, 1.0, phase < 0.5 ? 2.0 * phase : 2.0 - 2.0 * phase) - 1.0;
}

}  // namespace

double smooth_step(double low, double high, double x) {
  if (high <= low) return x < low ? 0.0 : 1.0;
  const double share = std::clamp((x - low) / (high - low), 0.0, 1.0);
  return share * share * (3.0 - 2.0 * share);
}

Arc Arc::draw(const Range& periods_s, Rng& rng) {
  const double first = rng.uniform(periods_s.low, periods_s.high);
  const double second = rng.uniform(periods_s.low, periods_s.high);
  const double phase = rng.uniform();
  return Arc(first, second, phase, rng.uniform());
}

double Arc::at(double t_s) const {
  return 0.5 * (swing(t_s / period_s_[0] + phase_[0]) + swing(t_s / period_s_[1] + phase_[1]));
}

Arcs Arcs::draw(const Range& periods_s, Rng& rng) {
  std::vector<double> primes;
  int low = static_cast<int>(periods_s.low);
  int high = static_cast<int>(periods_s.high);
  for (; primes.size() < periods_needed; low -= widen_s, high += widen_s) {
    primes.clear();
    for (int n = std::max(low, 2); n <= high; ++n) {
      if (maths::is_prime(n)) primes.push_back(n);
    }
  }
  const auto take = [&] {
    const auto chosen = primes.begin() + static_cast<std::ptrdiff_t>(rng.index(primes.size()));
    const double period = *chosen;
    primes.erase(chosen);
    return period;
  };
  const auto arc = [&] {
    const double first = take();
    const double second = take();
    const double phase = rng.uniform();
    return Arc(first, second, phase, rng.uniform());
  };
  Arcs arcs;
  arcs.density = arc();
  arcs.brightness = arc();
  arcs.pitch = arc();
  arcs.space = arc();
  return arcs;
}

}  // namespace auralis
