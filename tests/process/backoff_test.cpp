// SPDX-License-Identifier: MIT
#include "process/backoff.h"

#include <doctest/doctest.h>

#include <vector>

using namespace auralis;

TEST_CASE("What ran long enough is started again at once, however often") {
  Backoff backoff;
  for (int i = 0; i < 100; ++i) CHECK(backoff.failed(2.0) == 0.0);
}

TEST_CASE("What fails before it has settled waits longer each time, and is given up in the end") {
  Backoff backoff;
  std::vector<double> delays;
  while (const auto delay_s = backoff.failed(0.1)) delays.push_back(*delay_s);
  CHECK(delays == std::vector<double>{0.0, 0.1, 0.2, 0.4});
}

TEST_CASE("One that settled between has its failures forgiven") {
  Backoff backoff;
  for (int i = 0; i < 4; ++i) CHECK(backoff.failed(1.9));
  CHECK(backoff.failed(3.0) == 0.0);
  CHECK(backoff.failed(0.0) == 0.0);
  CHECK(backoff.failed(0.0) == doctest::Approx(0.1));
}

TEST_CASE("Where giving up is no choice, the delay stops growing") {
  Backoff backoff({.longest_delay_s = 1.0, .give_up_after = 0});
  double last_s = 0.0;
  for (int i = 0; i < 2000; ++i) {
    const auto delay_s = backoff.failed(0.0);
    REQUIRE(delay_s);
    CHECK(*delay_s >= last_s);
    last_s = *delay_s;
  }
  CHECK(last_s == 1.0);
}
