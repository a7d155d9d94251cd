// SPDX-License-Identifier: MIT
// A command's own figures.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/io.h"
#include "figures/metrics.h"
#include "temporary_folder.h"

using namespace auralis;
using nlohmann::json;
using test::TemporaryFolder;

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

TEST_CASE("Figures become key=value for the log and base units for Prometheus") {
  const json figures{
      {"voices", 12},         {"events_total", 7},   {"send_lateness_ms", {{"p50", 1.5}, {"max", nullptr}}},
      {"memory_mb", 2.0},     {"cpu_percent", 50.0}, {"uptime_s", 3.0},
      {"device", "a \"cpu\""}};
  const std::string line = figures_line(figures);
  CHECK(line.find("send_lateness_ms.p50=1.5") != std::string::npos);
  CHECK(line.find("voices=12") != std::string::npos);
  const std::string text = prometheus_text(figures);
  for (const char* expected : {"# TYPE auralis_events_total counter\nauralis_events_total 7",
                               "auralis_send_lateness_seconds{stat=\"p50\"} 0.0015",
                               "auralis_memory_bytes 2000000", "auralis_cpu_ratio 0.5",
                               "auralis_uptime_seconds 3", "auralis_voices 12", "device=\"a \\\"cpu\\\"\""}) {
    INFO(text);
    CHECK_MESSAGE(text.find(expected) != std::string::npos, expected);
  }
}

TEST_CASE("A reporter writes its figures at once and takes the file away when it ends") {
  const TemporaryFolder folder;
  {
    const FigureReporter reporter(folder.path, "compose", [] { return json{{"voices", 3}}; });
    const auto file = folder / "compose.metrics.json";
    for (int i = 0; i < 1000 && !std::filesystem::exists(file); ++i) ::usleep(10'000);
    CHECK(json::parse(read_file(file)) == json{{"voices", 3}});
  }
  CHECK(folder.entries() == 0);
}
