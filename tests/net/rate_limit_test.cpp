// SPDX-License-Identifier: MIT
#include "net/rate_limit.h"

#include <doctest/doctest.h>

#include <string>

namespace auralis {

constexpr int64_t second = 1'000'000;

TEST_CASE("A bucket lets a burst through, then its rate, and recovers") {
  RateLimiter limiter({20, 10});
  int64_t now = 1000 * second;
  int passed = 0;
  for (int i = 0; i < 100; ++i) passed += limiter.take("a", now) ? 1 : 0;
  CHECK(passed == 20);
  passed = 0;
  for (int i = 0; i < 1000; ++i) passed += limiter.take("a", now += second / 100) ? 1 : 0;
  CHECK(passed >= 99);
  CHECK(passed <= 101);
  now += 10 * second;
  passed = 0;
  for (int i = 0; i < 100; ++i) passed += limiter.take("a", now) ? 1 : 0;
  CHECK(passed == 20);
}

TEST_CASE("One address's flood takes nothing from another") {
  RateLimiter limiter({2, 1});
  for (int i = 0; i < 100; ++i) limiter.take("flood", second);
  CHECK_FALSE(limiter.take("flood", second));
  CHECK(limiter.take("calm", second));
}

TEST_CASE("A million addresses do not stay in the table") {
  RateLimiter limiter({2, 10});
  int64_t now = second;
  for (int i = 0; i < 1'000'000; ++i) limiter.take(std::to_string(i), now += 1000);
  CHECK(limiter.names() < 4096);
}

}  // namespace auralis
