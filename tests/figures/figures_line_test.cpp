// SPDX-License-Identifier: MIT
#include "figures/figures_line.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace auralis;
using nlohmann::json;

TEST_CASE("A line of figures has units, three digits, and first what an operator looks for") {
  CHECK(figures_line(
            json{{"voices", 12},
                 {"clients", 3},
                 {"cpu_percent", 2.4375},
                 {"memory_mb", 40.123},
                 {"bytes_sent_total", 12345678},
                 {"events_total", 123456},
                 {"uptime_s", 3600.4},
                 {"synthesis_latency_ms", {{"p50", 0.41234}, {"p95", 0.7}, {"p99", 1.23456}, {"max", 9}}},
                 {"buffer_depth_ms", 812.4},
                 {"device", "cpu"}}) ==
        "buffer_depth=812ms synthesis_latency_p50=0.412ms synthesis_latency_p99=1.23ms clients=3 "
        "bytes_sent_total=12.3MB cpu=2.44% device=cpu events_total=123456 memory=40.1MB uptime=3600s "
        "voices=12");
}

TEST_CASE("What nobody knows is left out of a line of figures") {
  CHECK(figures_line(json{{"voices", nullptr},
                          {"encode_ms", {{"p50", nullptr}, {"p99", nullptr}}},
                          {"version", "1"},
                          {"underruns_total", 0},
                          {"clients", 0}}) == "clients=0");
}

TEST_CASE("Of a piece's state its preset, chord and seed are told") {
  CHECK(figures_line(json{{"state", {{"preset", "focus"}, {"chord", "Dm9"}, {"seed", "7"}, {"bpm", 60}}}}) ==
        "chord=Dm9 preset=focus seed=7");
}
