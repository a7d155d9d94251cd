// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "figures/latency.h"
#include "figures/prometheus.h"

using namespace auralis;
using nlohmann::json;

TEST_CASE("Figures become base units, and texts labels, for Prometheus") {
  const json figures{{"voices", 12},        {"events_total", 7}, {"voices_stolen", 2},   {"memory_mb", 2.0},
                     {"cpu_percent", 50.0}, {"uptime_s", 3.0},   {"device", "a \"cpu\""}};
  const std::string text = prometheus_text(figures, json::object());
  for (const char* expected :
       {"# TYPE auralis_events_total counter\nauralis_events_total 7", "auralis_voices_stolen_total 2",
        "auralis_memory_bytes 2000000", "auralis_cpu_ratio 0.5", "auralis_uptime_seconds 3",
        "auralis_voices 12", "device=\"a \\\"cpu\\\"\""}) {
    INFO(text);
    CHECK_MESSAGE(text.find(expected) != std::string::npos, expected);
  }
}

TEST_CASE("Stations are told apart by a label, and a family stands once") {
  const json histogram{{"counts", std::vector<unsigned>(latency_bounds_ms.size() + 1, 1U)}, {"sum_ms", 2.0}};
  const std::vector<StationText> stations{
      {"", {{"memory_mb", 10.0}, {"version", "1"}}, json::object()},
      {"night", {{"memory_mb", 20.0}, {"version", "1"}}, {{"encode_ms", histogram}}},
      {"private-1", {{"memory_mb", 30.0}}, {{"encode_ms", histogram}}}};
  const std::string text = prometheus_text(stations);
  INFO(text);
  for (const char* expected :
       {"auralis_memory_bytes 10000000", "auralis_memory_bytes{station=\"night\"} 20000000",
        "auralis_memory_bytes{station=\"private-1\"} 30000000",
        "auralis_info{version=\"1\",station=\"night\"} 1",
        "auralis_encode_seconds_count{station=\"night\"} 16"})
    CHECK_MESSAGE(text.find(expected) != std::string::npos, expected);
  for (const char* family : {"# TYPE auralis_memory_bytes", "# TYPE auralis_encode_seconds"})
    CHECK(text.find(family) == text.rfind(family));
}

TEST_CASE("What is played is told in gauges and labels, and nothing is told that nobody knows") {
  const json figures{
      {"state", {{"bpm", 60}, {"intensity", 0.5}, {"preset", "focus"}, {"key", "D"}, {"chord", "Dm9"}}},
      {"client_buffer_ms", {{"p50", 150.0}, {"min", nullptr}}},
      {"render_stage_s_total", {{"voices", 1.5}, {"reverb", 0.5}}},
      {"encode_ms", {{"p50", 1}, {"p99", nullptr}}}};
  const std::string text = prometheus_text(figures, json::object());
  INFO(text);
  for (const char* expected :
       {"auralis_tempo_bpm 60", "auralis_intensity_ratio 0.5",
        "auralis_piece_info{preset=\"focus\",key=\"D\"} 1", "auralis_client_buffer_median_seconds 0.15",
        "auralis_render_stage_seconds_total{stage=\"voices\"} 1.5"})
    CHECK_MESSAGE(text.find(expected) != std::string::npos, expected);
  for (const char* unexpected : {"least", "Dm9", "stat=", "encode"})
    CHECK_MESSAGE(text.find(unexpected) == std::string::npos, unexpected);
}

TEST_CASE("A latency is a histogram in seconds, whose classes add up") {
  Latency latency;
  for (const double ms : {0.05, 0.3, 0.3, 7.0, 20000.0}) latency.observe(ms);
  json figures;
  latency.add_to(figures, "encode_ms");
  CHECK(figures["encode_ms"]["max"] == 20000.0);
  const std::string text = prometheus_text(json::object(), figures["histograms"]);
  INFO(text);
  for (const char* expected :
       {"# TYPE auralis_encode_seconds histogram", "auralis_encode_seconds_count 5",
        "auralis_encode_seconds_sum 20.00765", "auralis_encode_seconds_bucket{le=\"0.0001\"} 1",
        "auralis_encode_seconds_bucket{le=\"0.0005\"} 3", "auralis_encode_seconds_bucket{le=\"0.01\"} 4",
        "auralis_encode_seconds_bucket{le=\"10\"} 4", "auralis_encode_seconds_bucket{le=\"+Inf\"} 5"})
    CHECK_MESSAGE(text.find(expected) != std::string::npos, expected);
}

TEST_CASE("A histogram that is broken is left out") {
  for (const json& broken :
       {json(), json(1), json{{"counts", {1, 2}}, {"sum_ms", 1}}, json{{"counts", "x"}}}) {
    CHECK(prometheus_text(json::object(), {{"encode_ms", broken}}).empty());
  }
}
