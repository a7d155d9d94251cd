// SPDX-License-Identifier: MIT
// Random numbers.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <set>
#include <vector>

#include "model/rng.h"

using namespace auralis;

TEST_CASE("Random numbers are the same on every machine") {
  // xoshiro256++ seeded through splitmix64, computed with an independent implementation in Python.
  uint64_t state = 0;
  CHECK(splitmix64(state) == 0xe220a8397b1dcdafu);
  CHECK(splitmix64(state) == 0x6e789e6aa1b965f4u);
  CHECK(hash_name("") == 0xcbf29ce484222325u);
  CHECK(hash_name("a") == 0xaf63dc4c8601ec8cu);
  Rng rng(7, "harmony");
  Rng same(7, "harmony");
  Rng other(7, "melody");
  CHECK(rng.next() == same.next());
  CHECK(rng.next() != other.next());
}

TEST_CASE("Draws have the mean and spread they promise") {
  Rng rng(1);
  double sum = 0.0;
  double squares = 0.0;
  constexpr int count = 100'000;
  for (int i = 0; i < count; ++i) {
    const double x = rng.normal();
    sum += x;
    squares += x * x;
  }
  CHECK(std::abs(sum / count) < 0.02);
  CHECK(std::abs(squares / count - 1.0) < 0.02);

  const std::vector<double> weights{1.0, 0.0, 3.0};
  std::vector<int> drawn(3);
  for (int i = 0; i < count; ++i) ++drawn[rng.weighted(weights)];
  CHECK(drawn[1] == 0);
  CHECK(std::abs(drawn[2] / static_cast<double>(count) - 0.75) < 0.01);

  std::set<size_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(rng.index(7));
  CHECK(seen.size() == 7);
  CHECK(*seen.rbegin() == 6);
}
