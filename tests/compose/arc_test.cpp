// SPDX-License-Identifier: MIT
#include "compose/arc.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

using namespace auralis;

TEST_CASE("All eight periods are within the range and coprime") {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Rng rng(seed);
    const Arcs arcs = Arcs::draw({120, 600}, rng);
    std::vector<long> periods;
    for (const Arc* arc : {&arcs.density, &arcs.brightness, &arcs.pitch, &arcs.space}) {
      for (double period : arc->periods_s()) periods.push_back(std::lround(period));
    }
    for (size_t i = 0; i < periods.size(); ++i) {
      CHECK(periods[i] >= 120);
      CHECK(periods[i] <= 600);
      for (size_t j = 0; j < i; ++j) CHECK(std::gcd(periods[i], periods[j]) == 1);
    }
  }
}

TEST_CASE("An arc stays within one either way, uses its range, and never jumps") {
  Rng rng(1);
  const Arcs arcs = Arcs::draw({120, 600}, rng);
  double lowest = 1, highest = -1, last = arcs.density.at(0);
  for (double t = 0; t < 8 * 3600; t += 0.5) {
    const double x = arcs.density.at(t);
    CHECK(std::abs(x - last) < 0.03);
    last = x;
    lowest = std::min(lowest, x);
    highest = std::max(highest, x);
  }
  CHECK(lowest >= -1.0);
  CHECK(highest <= 1.0);
  CHECK(lowest < -0.9);
  CHECK(highest > 0.9);
}

TEST_CASE("A narrow range of periods still gives eight different ones") {
  Rng rng(4);
  const Arcs arcs = Arcs::draw({60, 62}, rng);
  CHECK(arcs.density.periods_s()[0] != arcs.density.periods_s()[1]);
}
