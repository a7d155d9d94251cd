// SPDX-License-Identifier: MIT
// Files and descriptors.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "base/error.h"
#include "base/io.h"
#include "refusal.h"
#include "temporary_folder.h"

using namespace auralis;
using test::TemporaryFolder;

TEST_CASE("A file appears under its name when it is whole, and not at all before") {
  const TemporaryFolder folder;
  const auto target = folder / "piece.wav";
  {
    AtomicFile file(target);
    CHECK(file.path().extension() == ".wav");
    file.write("half");
    CHECK_FALSE(std::filesystem::exists(target));
  }
  CHECK(folder.entries() == 0);
  write_file(target, "whole");
  CHECK(read_file(target) == "whole");
  CHECK(folder.entries() == 1);
  struct stat info {};
  ::stat(target.c_str(), &info);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  CHECK((info.st_mode & 0777) == (0666 & ~mask));
}

TEST_CASE("A link goes on pointing to what was written, and what is no plain file is written through") {
  const TemporaryFolder folder;
  write_file(folder / "real", "before");
  std::filesystem::create_symlink("real", folder / "link");
  write_file(folder / "link", "after");
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK(read_file(folder / "real") == "after");

  const std::filesystem::path pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::string read;
  std::jthread reader([&] { read = read_file(pipe); });
  write_file(pipe, "through");
  reader.join();
  CHECK(read == "through");
  CHECK(std::filesystem::is_fifo(pipe));
}

TEST_CASE("Broken places for files are errors of the environment that name the file") {
  const TemporaryFolder folder;
  const auto refusal = [](const auto& action) { return test::refusal(action, Exit::environment); };
  CHECK(refusal([&] { write_file(folder / "no" / "x", "y"); }).find("no/x") != std::string::npos);
  CHECK(refusal([&] { read_file(folder / "none"); }).find("none") != std::string::npos);
  CHECK(refusal([&] { write_all(-1, "x", "nowhere"); }).find("nowhere") != std::string::npos);
}

TEST_CASE("A reader that has gone is a closed pipe, not an error") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  ::close(ends[0]);
  std::signal(SIGPIPE, SIG_IGN);
  CHECK_THROWS_AS(write_all(ends[1], "x", "pipe"), ClosedPipe);
  ::close(ends[1]);
}
