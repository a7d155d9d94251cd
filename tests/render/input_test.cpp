// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <string>
#include <thread>

#include "base/error.h"
#include "base/io.h"
#include "refusal.h"
#include "render/input.h"
#include "temporary_folder.h"

using namespace auralis;
using test::TemporaryFolder;

namespace {

std::string read_all(Input& input) {
  std::string bytes;
  for (std::string_view next = input.read(); !next.empty(); next = input.read()) bytes += next;
  return bytes;
}

}  // namespace

TEST_CASE("A file is read to its end, counted and hashed") {
  const TemporaryFolder folder;
  const std::string text(100000, 'a');
  write_file(folder / "events", text);
  Input input((folder / "events").string(), true);
  CHECK(input.share_read() == 0.0);
  input.read();
  CHECK(*input.share_read() > 0.0);
  CHECK(*input.share_read() < 1.0);
  read_all(input);
  CHECK(input.share_read() == 1.0);
  CHECK_FALSE(input.stopped());
  CHECK(input.sha256() == "6d1cf22d7cc09b085dfc25ee1a1f3ae0265804c607bc2074ad253bcc82fd81ee");
  Input plain((folder / "events").string(), false);
  CHECK(read_all(plain) == text);
  CHECK(plain.sha256().empty());
}

TEST_CASE("A FIFO is awaited, and its length is not known") {
  const TemporaryFolder folder;
  const auto pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  Input input(pipe.string(), false);
  const std::jthread writer([&] { write_file(pipe, "through"); });
  CHECK(read_all(input) == "through");
  CHECK_FALSE(input.share_read().has_value());
}

TEST_CASE("What is not there cannot be opened") {
  CHECK(test::refusal([] { Input("no-such-file", false); }, Exit::environment) ==
        "cannot open no-such-file: No such file or directory");
}
