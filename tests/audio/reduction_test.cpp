// SPDX-License-Identifier: MIT
#include "audio/reduction.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "audio/signals.h"
#include "model/units.h"

using namespace auralis;

namespace {

constexpr int rate = 44100;

Reduction measure(const std::vector<float>& in, const std::vector<float>& out, size_t block = 2 * 1000) {
  ReductionMeter meter(rate, 2);
  for (size_t at = 0; at < in.size(); at += block) {
    const size_t now = std::min(block, in.size() - at);
    meter.add(std::span(in).subspan(at, now), std::span(out).subspan(at, now));
  }
  return meter.figures();
}

}  // namespace

TEST_CASE("Where a sound is turned down by 3 dB for a quarter of the time, that is the reduction") {
  const std::vector<float> in = test::noise(2 * 4 * rate, 0.5);
  std::vector<float> out(in);
  for (size_t i = 2 * rate; i < 2 * 2 * rate; ++i) out[i] *= static_cast<float>(db_to_gain(-3.0));
  const Reduction reduction = measure(in, out);
  CHECK(reduction.largest_db == doctest::Approx(3.0).epsilon(0.001));
  CHECK(reduction.largest_s >= 1.0);
  CHECK(reduction.largest_s < 2.0);
  CHECK(reduction.mean_db == doctest::Approx(0.75).epsilon(0.001));
  CHECK(reduction.over_half_db_percent == doctest::Approx(25.0).epsilon(0.001));
  CHECK(measure(in, out, 2).mean_db == measure(in, out, in.size()).mean_db);
}

TEST_CASE("What is left alone is not reduced, and what is soft does not count") {
  const std::vector<float> in = test::noise(2 * rate, 0.5);
  CHECK(measure(in, in).largest_db == 0.0);
  CHECK(measure(in, in).over_half_db_percent == 0.0);
  const std::vector<float> soft = test::noise(2 * rate, 0.003);
  CHECK(std::isnan(measure(soft, std::vector<float>(soft.size())).largest_db));
}
