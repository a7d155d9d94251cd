// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "render/report.h"

using namespace auralis;

TEST_CASE(
    "A report has the length by its frames, null for what silence has not, and no sample format for a lossy "
    "file") {
  Report report;
  report.frames = 66150;
  report.wall_s = 0.5;
  report.integrated_lufs = -INFINITY;
  report.start.seed = "7";
  const nlohmann::ordered_json json = report_json(report);
  CHECK(json["duration_s"] == 1.5);
  CHECK(json["realtime_factor"] == 3.0);
  CHECK(json["integrated_lufs"].is_null());
  CHECK(json["seed"] == "7");
  CHECK(json["bits"] == "s16");
  CHECK(json["stems"].is_array());
  report.lossy = true;
  CHECK(report_json(report)["bits"].is_null());
}
