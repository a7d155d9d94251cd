// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/io.h"
#include "figures/reporter.h"
#include "temporary_folder.h"

using namespace auralis;
using nlohmann::json;
using test::TemporaryFolder;

TEST_CASE("A line of figures is key=value, nested members joined by a dot") {
  CHECK(figures_line(json{{"voices", 12}, {"send_lateness_ms", {{"p50", 1.5}}}, {"device", "cpu"}}) ==
        "device=cpu send_lateness_ms.p50=1.5 voices=12");
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
