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
