// SPDX-License-Identifier: MIT
#include "serve/turns.h"

#include <doctest/doctest.h>

namespace auralis {
namespace {

const Steerer first{"192.0.2.1", 1};
const Steerer second{"192.0.2.2", 2};
const Steerer third{"192.0.2.3", 3};

constexpr int64_t begin_us = 1'000'000;
constexpr int64_t end_us = begin_us + limits::turn_us;
constexpr int64_t yielded_us = end_us + limits::turn_yields_us;

Turns taken_by_first() {
  Turns turns;
  REQUIRE(turns.ask(first, begin_us) == 0);
  REQUIRE(turns.take(first, begin_us));
  return turns;
}

}  // namespace

TEST_CASE("Where nobody else asked, the holder of a turn may have the next at once") {
  Turns turns = taken_by_first();
  CHECK(turns.ask(first, end_us - 1) == 0);
  CHECK_FALSE(turns.take(first, end_us - 1));  // it is theirs still
  CHECK(turns.ask(first, end_us) == 0);
  CHECK(turns.take(first, end_us));
}

TEST_CASE("Where another asked, the holder lets others come first, for so long and no longer") {
  Turns turns = taken_by_first();
  CHECK(turns.ask(second, end_us - 5) == 5);
  CHECK(turns.ask(first, end_us - 1) == 0);
  CHECK(turns.ask(first, end_us) == limits::turn_yields_us);
  CHECK_FALSE(turns.take(first, end_us));  // nor by a control that was on its way
  CHECK(turns.ask({first.address, 0}, end_us) > 0);
  CHECK(turns.ask(third, end_us) == 0);
  CHECK(turns.ask(first, yielded_us - 1) == 1);
  CHECK(turns.ask(first, yielded_us) == 0);
  CHECK(turns.take(first, yielded_us));
}

TEST_CASE("Once another has had a turn, who waited for that turn is forgotten") {
  Turns turns = taken_by_first();
  turns.ask(second, end_us - 1);
  REQUIRE(turns.take(second, end_us));
  CHECK(turns.ask(second, end_us + limits::turn_us) == 0);
}

TEST_CASE("One that asked and left is waited for no more") {
  Turns turns = taken_by_first();
  turns.ask(second, end_us - 1);
  turns.leave(second.socket);
  CHECK(turns.ask(first, end_us) == 0);
}

TEST_CASE("Where one of two that asked has left, the other is waited for") {
  Turns turns = taken_by_first();
  turns.ask(second, end_us - 1);
  turns.ask(third, end_us - 1);
  turns.leave(second.socket);
  CHECK(turns.ask(first, end_us) == limits::turn_yields_us);
}

TEST_CASE("One that asks again and again takes no turn from itself") {
  Turns turns = taken_by_first();
  for (int64_t us = begin_us; us < end_us; us += limits::us_per_s) CHECK(turns.ask(first, us) == 0);
  CHECK(turns.ask(first, end_us) == 0);
}

}  // namespace auralis
