// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/io.h"
#include "base/session.h"
#include "figures/reporter.h"
#include "temporary_folder.h"

using namespace auralis;
using nlohmann::json;
using test::TemporaryFolder;

TEST_CASE(
    "A reporter writes its figures at once, makes a folder that was removed again, and takes the file away "
    "at the end") {
  const TemporaryFolder folder;
  ::setenv("XDG_RUNTIME_DIR", folder.path.c_str(), 1);
  const auto session = folder / "auralis" / "evening";
  const auto file = session / "compose.metrics.json";
  const auto appears = [&file] {
    for (int i = 0; i < 1000 && !std::filesystem::exists(file); ++i) ::usleep(10'000);
    return std::filesystem::exists(file);
  };
  {
    const FigureReporter reporter("evening", "compose", [] { return json{{"voices", 3}}; });
    REQUIRE(appears());
    CHECK(json::parse(read_file(file)) == json{{"voices", 3}});
    std::filesystem::remove_all(folder / "auralis");  // as at the end of a login
    CHECK(appears());
  }
  CHECK(std::filesystem::is_empty(session));
}

TEST_CASE("What a killed process left unfinished is taken away, what others write or own is not") {
  const TemporaryFolder runtime;
  ::setenv("XDG_RUNTIME_DIR", runtime.path.c_str(), 1);
  const std::filesystem::path folder = open_session("evening");
  const std::string alive = ".compose.metrics." + std::to_string(::getppid());
  for (const std::string& name :
       {std::string(".compose.metrics.999999999"), std::string(".compose.metrics.x"), alive,
        std::string(".render.metrics.999999999"), std::string("compose.other")})
    write_file(folder / name, "{");
  {
    const FigureReporter reporter("evening", "compose", [] { return json::object(); });
    for (int i = 0; i < 1000 && !std::filesystem::exists(folder / "compose.metrics.json"); ++i)
      ::usleep(10'000);
  }
  CHECK(std::distance(std::filesystem::directory_iterator(folder), {}) == 3);
  CHECK(std::filesystem::exists(folder / alive));
}
