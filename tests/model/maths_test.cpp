// SPDX-License-Identifier: MIT
#include "model/maths.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "model/rng.h"

using namespace auralis;

namespace {

// The greatest error of f beside libm's long double, in ulps of the result or, where it is below `least`, of that.
template <typename Ours, typename Theirs>
double greatest_error_ulp(double low, double high, double least, const Ours& ours, const Theirs& theirs) {
  Rng chance(1, "maths");
  double worst = 0.0;
  for (int i = 0; i < 200000; ++i) {
    const double x = chance.uniform(low, high);
    const long double right = theirs(static_cast<long double>(x));
    const double size = std::max(least, std::fabs(static_cast<double>(right)));
    const double ulp = std::ldexp(1.0, std::ilogb(size) - 52);
    worst = std::max(worst, static_cast<double>(std::fabs(static_cast<long double>(ours(x)) - right)) / ulp);
  }
  return worst;
}

using Real = long double;

}  // namespace

TEST_CASE("Powers and logarithms are as near to the true ones as their header says") {
  CHECK(greatest_error_ulp(-1021, 1023, 0, maths::exp2, [](Real x) { return std::exp2(x); }) < 2.0);
  CHECK(greatest_error_ulp(-1, 1, 0, maths::exp2, [](Real x) { return std::exp2(x); }) < 2.0);
  CHECK(greatest_error_ulp(-708, 709, 0, maths::exp, [](Real x) { return std::exp(x); }) < 2.0);
  CHECK(greatest_error_ulp(-1, 1, 0, maths::exp, [](Real x) { return std::exp(x); }) < 2.0);
  constexpr std::pair<double, double> ranges[] = {
      {1e-300, 1e-290}, {0.0, 0.5}, {0.5, 2.0}, {2.0, 1e6}, {1e290, 1e300}};
  for (const auto& range : ranges) {
    const double low = range.first;
    const double high = range.second;
    CAPTURE(low);
    CHECK(greatest_error_ulp(low, high, 1.0, maths::log2, [](Real x) { return std::log2(x); }) < 2.5);
    CHECK(greatest_error_ulp(low, high, 1.0, maths::log, [](Real x) { return std::log(x); }) < 2.5);
    CHECK(greatest_error_ulp(low, high, 1.0, maths::log10, [](Real x) { return std::log10(x); }) < 2.5);
  }
}

TEST_CASE("Sines and cosines are right to 3e-16, wherever the angle lies") {
  for (const double reach : {0.8, 7.0, 1000.0, 1e6}) {
    CAPTURE(reach);
    const double ulp = 0x1p-52;
    CHECK(greatest_error_ulp(-reach, reach, 1.0, maths::sin, [](Real x) { return std::sin(x); }) * ulp <
          3e-16);
    CHECK(greatest_error_ulp(-reach, reach, 1.0, maths::cos, [](Real x) { return std::cos(x); }) * ulp <
          3e-16);
  }
  CHECK(greatest_error_ulp(-1.5, 1.5, 0.01, maths::tan, [](Real x) { return std::tan(x); }) < 6.0);
}

TEST_CASE("A power's error grows with its exponent as its header says") {
  Rng chance(2, "maths");
  for (int i = 0; i < 100000; ++i) {
    const double x = chance.uniform(0.0, 100.0);
    const double y = chance.uniform(-40.0, 40.0);
    const long double right = std::pow(static_cast<Real>(x), static_cast<Real>(y));
    const auto error = static_cast<double>(std::fabs(maths::pow(x, y) / right - 1.0L));
    CHECK(error < (2.0 + std::fabs(y * std::log2(x))) * 3e-16);
  }
  CHECK(maths::pow(0.0, 2.0) == 0.0);
}

TEST_CASE("Whole powers of two are exact, there and back") {
  for (int n = -1022; n <= 1023; ++n) {
    REQUIRE(maths::exp2(n) == std::ldexp(1.0, n));
    REQUIRE(maths::log2(std::ldexp(1.0, n)) == n);
  }
}

TEST_CASE("At the edges of their ranges they answer what their header says") {
  CHECK(maths::exp2(1024.0) == INFINITY);
  CHECK(maths::exp2(1023.9999) < INFINITY);
  CHECK(maths::exp2(-1022.5) == 0.0);
  CHECK(maths::exp(800.0) == INFINITY);
  CHECK(maths::exp(-800.0) == 0.0);
  CHECK(maths::exp2(-INFINITY) == 0.0);
  CHECK(maths::log2(0.0) == -INFINITY);
  CHECK(maths::log(INFINITY) == INFINITY);
  CHECK(std::fabs(maths::log2(0x1p-1060 * 3.0) - (-1060.0 + std::log2(3.0))) < 1e-12);
  for (const double x : {maths::log2(-1.0), maths::log(NAN), maths::exp2(NAN), maths::exp(NAN),
                         maths::sin(2e6), maths::cos(INFINITY), maths::sin(NAN), maths::pow(-1.0, 2.0)}) {
    CHECK(std::isnan(x));
  }
}

// Held on every machine that runs the tests: one number for the last bits of all of them.
TEST_CASE("Their bits are the same everywhere") {
  Rng chance(3, "maths");
  uint64_t hash = 0xcbf29ce484222325u;
  const auto mix = [&](double x) { hash = (hash ^ std::bit_cast<uint64_t>(x)) * 0x100000001b3u; };
  for (int i = 0; i < 100000; ++i) {
    const double x = chance.uniform(-20.0, 20.0);
    for (const double y :
         {maths::exp2(x), maths::exp(x), maths::sin(x), maths::cos(x), maths::tan(x), maths::log2(x * x),
          maths::log(x * x), maths::log10(x * x), maths::pow(x * x, 0.3)}) {
      mix(y);
    }
  }
  CHECK(hash == 5966683324539919909u);
}
