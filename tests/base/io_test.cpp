// SPDX-License-Identifier: MIT
// Files and descriptors.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
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
    const auto hidden = std::filesystem::directory_iterator(folder.path)->path();
    CHECK(hidden.filename().string().starts_with(".piece.auralis-"));
    CHECK(hidden.extension() == ".wav");
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

TEST_CASE("A link to what is not there yet, a link to a link and a replaced file's mode are kept") {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("next", folder / "first");
  std::filesystem::create_symlink("new", folder / "next");
  write_file(folder / "first", "through both");
  CHECK(read_file(folder / "new") == "through both");
  CHECK(std::filesystem::read_symlink(folder / "first") == "next");
  std::filesystem::create_symlink("round", folder / "round");
  CHECK(test::refusal([&] { write_file(folder / "round", "x"); }, Exit::environment).find("round") !=
        std::string::npos);

  REQUIRE(::chmod((folder / "new").c_str(), 0604) == 0);
  write_file(folder / "new", "other");
  struct stat info {};
  REQUIRE(::stat((folder / "new").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0604);
}

TEST_CASE("What was broken off stands beside its name, as long as a name may be") {
  const TemporaryFolder folder;
  for (const std::string& stem : {std::string("piece"), std::string(251, 'x')}) {
    AtomicFile file(folder / (stem + ".wav"));
    file.write("half");
    const auto kept = file.commit_partial();
    CHECK(kept == folder / (stem.substr(0, 180) + ".partial.wav"));
    CHECK(read_file(kept) == "half");
  }
  CHECK(folder.entries() == 2);
}

TEST_CASE("What was broken off replaces nothing, and follows no link that waits under its name") {
  const TemporaryFolder folder;
  write_file(folder / "precious", "precious");
  std::filesystem::create_symlink("precious", folder / "piece.partial-2.wav");
  std::filesystem::create_symlink("nowhere", folder / "piece.partial-3.wav");
  for (const char* kept : {"piece.partial.wav", "piece.partial-4.wav", "piece.partial-5.wav"}) {
    AtomicFile file(folder / "piece.wav");
    file.write(kept);
    CHECK(file.commit_partial() == folder / kept);
    CHECK(read_file(folder / kept) == kept);
  }
  CHECK(read_file(folder / "precious") == "precious");
  CHECK_FALSE(std::filesystem::exists(folder / "nowhere"));
  // The same where it has to be copied, since its folder was removed.
  std::filesystem::create_directory(folder / "place");
  AtomicFile file(folder / "place/piece.wav");
  file.write("again");
  std::filesystem::remove_all(folder / "place");
  CHECK(file.commit_partial() == folder / "place/piece.partial.wav");
  CHECK(read_file(folder / "place/piece.partial.wav") == "again");
}

TEST_CASE("What a killed run left is removed by the next, and nothing else is") {
  const TemporaryFolder folder;
  const auto make = [&](const std::string& name) { std::ofstream(folder / name) << "x"; };
  for (const char* name :
       {".a.auralis-abcdef.wav", ".auralis-abcdef", ".b.auralis-234567", "a.auralis-abcdef.wav",
        ".a.auralis-abcde.wav", ".a.auralis-abcdefg.wav", ".a.abcdef.wav", ".auralis"}) {
    make(name);
  }
  const int held = ::open((folder / ".held.auralis-abcdef.wav").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  REQUIRE(::flock(held, LOCK_EX) == 0);
  std::filesystem::create_symlink("a.auralis-abcdef.wav", folder / ".link.auralis-abcdef.wav");
  REQUIRE(folder.entries() == 10);
  {
    const AtomicFile first(folder / "first.wav");
    CHECK(folder.entries() == 8);  // three gone, one made
    make(".late.auralis-abcdef.wav");
    const AtomicFile second(folder / "second.wav");  // looked after once in a process
    CHECK(folder.entries() == 10);
  }
  CHECK(folder.entries() == 8);
  for (const char* gone : {".a.auralis-abcdef.wav", ".auralis-abcdef", ".b.auralis-234567"})
    CHECK_FALSE(std::filesystem::exists(folder / gone));
  ::close(held);
}

TEST_CASE("What a killed run left and cannot be made again is kept by the next, without replacing anything") {
  const TemporaryFolder folder;
  for (const char* name :
       {"night.wav", "night.partial.wav", ".night.auralis-abcdef-kept.wav", ".log.auralis-234567-kept"})
    std::ofstream(folder / name) << name;
  std::ofstream(folder / ".empty.auralis-abcdef-kept.wav");
  const int held =
      ::open((folder / ".held.auralis-abcdef-kept.wav").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  REQUIRE(::flock(held, LOCK_EX) == 0);
  {
    const AtomicFile next(folder / "night.wav", AfterKill::kept);
    CHECK(folder.entries() == 6);
    CHECK(read_file(folder / "night.wav") == "night.wav");
    CHECK(read_file(folder / "night.partial.wav") == "night.partial.wav");
    CHECK(read_file(folder / "night.partial-2.wav") == ".night.auralis-abcdef-kept.wav");
    CHECK(read_file(folder / "log.partial") == ".log.auralis-234567-kept");
    CHECK(std::filesystem::exists(folder / ".held.auralis-abcdef-kept.wav"));
  }
  CHECK(folder.entries() == 5);
  ::close(held);
}

TEST_CASE("A folder that moves takes the file along, and one that is removed is made again") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "place");
  {
    AtomicFile file(folder / "place/x");
    file.write("along");
    std::filesystem::rename(folder / "place", folder / "moved");
    file.commit();
    CHECK(read_file(folder / "moved/x") == "along");
  }
  AtomicFile file(folder / "moved/y");
  file.write("again");
  std::filesystem::remove_all(folder / "moved");
  file.commit();
  CHECK(read_file(folder / "moved/y") == "again");
}

TEST_CASE("A write that fails leaves none of its bytes") {
  const TemporaryFolder folder;
  std::signal(SIGXFSZ, SIG_IGN);
  AtomicFile file(folder / "x");
  file.write("whole\n");
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{10, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  CHECK(test::refusal([&] { file.write("too long\n"); }, Exit::environment) ==
        "cannot write " + (folder / "x").string() + ": File too large");
  ::setrlimit(RLIMIT_FSIZE, &before);
  file.write("more\n");
  file.commit();
  CHECK(read_file(folder / "x") == "whole\nmore\n");
}

TEST_CASE("Two names are one file by links and by ways, be it there or not; streams and folders are none") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "sub");
  std::filesystem::create_symlink("x", folder / "link");
  std::filesystem::create_symlink("sub/../link", folder / "link to the link");
  CHECK(is_same_file("not-there", "./not-there"));
  CHECK(is_same_file(folder / "x", folder / "sub/../x"));
  for (const bool there : {false, true}) {
    if (there) write_file(folder / "x", "x");
    CHECK(is_same_file(folder / "link", folder / "x"));
    CHECK(is_same_file(folder / "x", folder / "link to the link"));
    CHECK_FALSE(is_same_file(folder / "x", folder / "y"));
  }
  CHECK_FALSE(is_same_file("/dev/null", "/dev/null"));
  CHECK_FALSE(is_same_file(folder / "sub", folder / "sub"));
}

TEST_CASE("A file is read no further than it may be long") {
  const TemporaryFolder folder;
  write_file(folder / "x", "12345");
  CHECK(read_file(folder / "x", 5) == "12345");
  CHECK(test::refusal([&] { read_file(folder / "x", 4, "four"); }) ==
        (folder / "x").string() + ": larger than 4 bytes, expected four");
  CHECK(test::refusal([&] { read_file("/dev/zero", 1000); }).starts_with("/dev/zero: larger than"));
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
