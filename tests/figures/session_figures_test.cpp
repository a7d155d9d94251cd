// SPDX-License-Identifier: MIT
#include "figures/session_figures.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/io.h"
#include "temporary_folder.h"

using namespace auralis;
using nlohmann::json;
using test::TemporaryFolder;

TEST_CASE("The figures of a session are those of its commands, put together") {
  const TemporaryFolder folder;
  write_file(folder / "compose.metrics.json", R"({"events_total": 5, "memory_mb": 10, "uptime_s": 9})");
  write_file(folder / "render.metrics.json", R"({"voices": 3, "memory_mb": 20, "uptime_s": 7})");
  const SessionFigures figures = read_session_figures(folder.path, json{{"memory_mb", 5}, {"uptime_s", 2}});
  CHECK(figures.merged["memory_mb"] == 35);
  CHECK(figures.merged["uptime_s"] == 2);
  CHECK(figures.merged["voices"] == 3);
  CHECK(figures.parts["compose"]["events_total"] == 5);
}

TEST_CASE("What is no plain file of this user's is no figure, and nobody waits for a FIFO") {
  const TemporaryFolder folder;
  const std::string text = R"({"voices": 3})";
  REQUIRE(::mkfifo((folder / "compose.metrics.json").c_str(), 0600) == 0);
  write_file(folder / "elsewhere.json", text);
  std::filesystem::create_symlink("elsewhere.json", folder / "render.metrics.json");
  std::filesystem::create_directory(folder / "serve.metrics.json");
  const SessionFigures figures = read_session_figures(folder.path);
  for (const auto& [command, part] : figures.parts.items()) {
    CAPTURE(command);
    CHECK(part.is_null());
  }
  if (::geteuid() != 0) return;
  std::filesystem::remove(folder / "render.metrics.json");
  write_file(folder / "render.metrics.json", text);
  CHECK(read_session_figures(folder.path).parts["render"]["voices"] == 3);
  REQUIRE(::chown((folder / "render.metrics.json").c_str(), 65534, 65534) == 0);
  CHECK(read_session_figures(folder.path).parts["render"].is_null());
}

TEST_CASE("Without a session the working directory is not looked into") {
  const TemporaryFolder folder;
  write_file(folder / "render.metrics.json", R"({"voices": 3})");
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path);
  CHECK(read_session_figures({}).parts["render"].is_null());
  std::filesystem::current_path(before);
}
