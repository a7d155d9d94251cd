// SPDX-License-Identifier: MIT
#include "base/left_threads.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

using namespace auralis;

namespace {

constexpr int cleaned_up = 66;

// What a process ends with that ends with 7 and has something to clean up.
int status_at_end(bool leaves_threads) {
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child == 0) {
    std::atexit([] { ::_exit(cleaned_up); });
    if (leaves_threads) leave_threads_behind();
    std::exit(7);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("A process that leaves threads behind cleans nothing up under them, and ends with its own status") {
  CHECK(status_at_end(false) == cleaned_up);
  CHECK(status_at_end(true) == 7);
}

TEST_CASE("What is buffered when threads are left behind is written") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child == 0) {
    leave_threads_behind();
    std::FILE* out = ::fdopen(ends[1], "w");
    std::fputs("written", out);
    std::exit(0);
  }
  ::close(ends[1]);
  char got[16]{};
  CHECK(::read(ends[0], got, sizeof got - 1) == 7);
  CHECK(std::string(got) == "written");
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
}
