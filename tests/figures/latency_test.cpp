// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "figures/latency.h"

using namespace auralis;
using nlohmann::json;

TEST_CASE("Quantiles of a latency are those of what was observed") {
  Latency latency;
  CHECK(latency.figures()["p50"].is_null());
  for (int i = 1; i <= 1000; ++i) latency.observe(i);
  const json figures = latency.figures();
  CHECK(figures["p50"].get<double>() == doctest::Approx(500).epsilon(0.03));
  CHECK(figures["p95"].get<double>() == doctest::Approx(950).epsilon(0.02));
  CHECK(figures["p99"].get<double>() == doctest::Approx(990).epsilon(0.01));
  CHECK(figures["max"] == 1000.0);
}
