// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "figures/prometheus.h"

using namespace auralis;
using nlohmann::json;

TEST_CASE("Figures become base units, and texts labels, for Prometheus") {
  const json figures{
      {"voices", 12},         {"events_total", 7},   {"send_lateness_ms", {{"p50", 1.5}, {"max", nullptr}}},
      {"memory_mb", 2.0},     {"cpu_percent", 50.0}, {"uptime_s", 3.0},
      {"device", "a \"cpu\""}};
  const std::string text = prometheus_text(figures);
  for (const char* expected : {"# TYPE auralis_events_total counter\nauralis_events_total 7",
                               "auralis_send_lateness_seconds{stat=\"p50\"} 0.0015",
                               "auralis_memory_bytes 2000000", "auralis_cpu_ratio 0.5",
                               "auralis_uptime_seconds 3", "auralis_voices 12", "device=\"a \\\"cpu\\\"\""}) {
    INFO(text);
    CHECK_MESSAGE(text.find(expected) != std::string::npos, expected);
  }
}
