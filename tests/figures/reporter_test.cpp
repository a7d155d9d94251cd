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

TEST_CASE("What a killed process left unfinished is taken away, what others write or own is not") {
  const TemporaryFolder folder;
  const std::string alive = ".compose.metrics." + std::to_string(::getppid());
  for (const std::string& name :
       {std::string(".compose.metrics.999999999"), std::string(".compose.metrics.x"), alive,
        std::string(".render.metrics.999999999"), std::string("compose.other")})
    write_file(folder / name, "{");
  {
    const FigureReporter reporter(folder.path, "compose", [] { return json::object(); });
    for (int i = 0; i < 1000 && !std::filesystem::exists(folder / "compose.metrics.json"); ++i)
      ::usleep(10'000);
  }
  CHECK(folder.entries() == 3);
  CHECK(std::filesystem::exists(folder / alive));
}
