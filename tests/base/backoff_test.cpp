// SPDX-License-Identifier: MIT
#include "base/backoff.h"

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

TEST_CASE(
    "Where nothing is tried at once, the first failure after it was well waits as long as the very first") {
  Backoff backoff({.settled_s = 10.0,
                   .first_delay_s = 0.5,
                   .longest_delay_s = 3.0,
                   .give_up_after = 0,
                   .tries_at_once = false});
  std::vector<double> delays;
  for (const double ran_s : {0.0, 0.0, 9.9, 0.0, 10.0, 0.0, 0.0}) delays.push_back(*backoff.failed(ran_s));
  CHECK(delays == std::vector<double>{0.5, 1.0, 2.0, 3.0, 0.5, 0.5, 1.0});
  backoff.settle();
  CHECK(backoff.failed(0.0) == 0.5);
}
