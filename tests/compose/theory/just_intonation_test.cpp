// SPDX-License-Identifier: MIT
#include "compose/theory/just_intonation.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "model/music.h"
#include "model/rng.h"

using namespace auralis;

namespace {

using Classes = std::vector<int>;

// Of an interval in a chord, in cents.
double interval(const std::array<double, 12>& offsets, int from, int to) {
  const double cents = 100.0 * (to - from) + offsets[static_cast<size_t>(wrap(to, 12))] -
                       offsets[static_cast<size_t>(wrap(from, 12))];
  return cents - 1200.0 * std::floor(cents / 1200.0);
}

double cents(double ratio) { return 1200.0 * std::log2(ratio); }

}  // namespace

TEST_CASE("Triads, sevenths and stacked fourths are pure on every root") {
  for (int root = 0; root < 12; ++root) {
    const auto on = [root](Classes intervals) {
      for (int& pc : intervals) pc = (pc + root) % 12;
      return just_offsets(2, root, intervals, {});
    };
    const auto minor = on({0, 3, 7, 10});
    CHECK(std::abs(interval(minor, root, root + 3) - cents(6.0 / 5)) < 1e-6);
    CHECK(std::abs(interval(minor, root, root + 7) - cents(3.0 / 2)) < 1e-6);
    CHECK(std::abs(interval(minor, root, root + 10) - cents(9.0 / 5)) < 1e-6);
    const auto major = on({0, 4, 7, 11, 2});
    CHECK(std::abs(interval(major, root, root + 4) - cents(5.0 / 4)) < 1e-6);
    CHECK(std::abs(interval(major, root, root + 11) - cents(15.0 / 8)) < 1e-6);
    CHECK(std::abs(interval(major, root + 7, root + 2) - cents(3.0 / 2)) < 1e-6);
    const auto quartal = on({0, 5, 10, 3});
    for (const int step : {0, 5, 10})
      CHECK(std::abs(interval(quartal, root + step, root + step + 5) - cents(4.0 / 3)) < 1e-6);
  }
}

TEST_CASE("The tonic never moves, and no root drifts, whatever the chords and however many") {
  Rng rng(7);
  std::vector<HeldTone> held;
  for (int chord = 0; chord < 2000; ++chord) {
    const int root = static_cast<int>(rng.index(12));
    const Classes classes{root, (root + (rng.chance(0.5) ? 3 : 4)) % 12, (root + 7) % 12};
    const auto offsets = just_offsets(0, root, classes, held);
    held.clear();
    for (const int pc : classes) held.push_back({pc, offsets[static_cast<size_t>(pc)]});
    for (const double off : offsets) CHECK(std::abs(off) < 50.0);
    if (root == 0) CHECK(offsets[0] == 0.0);
  }
}

TEST_CASE("A common tone stays where it is over the chords of the mode") {
  // I, IV, V, vi of C, of which each shares C, E or G with the one before.
  const auto one = just_offsets(0, 0, Classes{0, 4, 7}, {});
  const auto four = just_offsets(0, 5, Classes{5, 9, 0}, std::vector<HeldTone>{{0, one[0]}});
  CHECK(std::abs(four[0] - one[0]) < 1e-9);
  const auto six = just_offsets(0, 9, Classes{9, 0, 4}, std::vector<HeldTone>{{0, one[0]}, {4, one[4]}});
  CHECK(std::abs(six[0] - one[0]) < 1e-9);
  CHECK(std::abs(six[4] - one[4]) < 1e-9);
  const auto five = just_offsets(0, 7, Classes{7, 11, 2}, std::vector<HeldTone>{{7, one[7]}});
  CHECK(std::abs(five[7] - one[7]) < 1e-9);
}
