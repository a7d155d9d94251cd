// SPDX-License-Identifier: MIT
// The session folder.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/error.h"
#include "base/io.h"
#include "base/session.h"
#include "refusal.h"
#include "temporary_folder.h"

using namespace auralis;
using test::TemporaryFolder;

TEST_CASE("A session's folder is private, and its name cannot leave its place") {
  const TemporaryFolder folder;
  ::setenv("XDG_RUNTIME_DIR", folder.path.c_str(), 1);
  CHECK(session_path("a") == folder / "auralis" / "a");
  CHECK_FALSE(std::filesystem::exists(folder / "auralis"));
  struct stat info {};
  REQUIRE(::stat(open_session("evening").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
  CHECK(open_session("evening") == folder / "auralis" / "evening");
  for (const char* bad : {"", "..", "a/b", ".hidden", "a b"}) CHECK_THROWS_AS(session_path(bad), Error);

  // Something else of that name is not taken over.
  write_file(folder / "auralis" / "taken", "x");
  CHECK_THROWS_AS(open_session("taken"), Error);
}

TEST_CASE(
    "A session's folder that somebody else owns, may write to or leads elsewhere is refused, and so is one "
    "around it") {
  const TemporaryFolder folder;
  ::setenv("XDG_RUNTIME_DIR", folder.path.c_str(), 1);
  CHECK_FALSE(find_session("evening"));
  CHECK_FALSE(std::filesystem::exists(folder / "auralis"));
  open_session("evening");
  CHECK(find_session("evening") == folder / "auralis" / "evening");
  CHECK_FALSE(find_session("morning"));

  const auto refused = [](const std::string& what) {
    const std::string on_opening = test::refusal([] { open_session("evening"); }, Exit::environment);
    CHECK_MESSAGE(on_opening.find(what) != std::string::npos, on_opening);
    const std::string on_finding = test::refusal([] { find_session("evening"); }, Exit::environment);
    CHECK_MESSAGE(on_finding.find(what) != std::string::npos, on_finding);
  };
  ::chmod(folder.path.c_str(), 01777);
  refused("mode 1777");
  ::chmod(folder.path.c_str(), 0755);
  CHECK_NOTHROW(open_session("evening"));

  // What only we could have opened up is closed again by whoever makes the session, and not used by whoever reads.
  ::chmod((folder / "auralis").c_str(), 0770);
  CHECK_THROWS_AS(find_session("evening"), Error);
  open_session("evening");
  CHECK(find_session("evening"));

  std::filesystem::rename(folder / "auralis/evening", folder / "elsewhere");
  std::filesystem::create_directory_symlink(folder / "elsewhere", folder / "auralis/evening");
  refused("symbolic link");

  // The runtime folder itself may be reached by a link, and is not one of another user's, who could change it.
  std::filesystem::create_directory_symlink(folder.path, folder / "link");
  ::setenv("XDG_RUNTIME_DIR", (folder / "link").c_str(), 1);
  CHECK_NOTHROW(open_session("morning"));
  if (::geteuid() == 0) {
    REQUIRE(::chown(folder.path.c_str(), 65534, 65534) == 0);
    refused("belongs to user 65534");
  }
}
