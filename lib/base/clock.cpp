// SPDX-License-Identifier: MIT
#include "base/clock.h"

#include <time.h>

namespace auralis {
namespace {

timespec read_clock(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return now;
}

double seconds(const timespec& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

}  // namespace

double monotonic_s() { return seconds(read_clock(CLOCK_MONOTONIC)); }

int64_t monotonic_us() {
  const timespec now = read_clock(CLOCK_MONOTONIC);
  return static_cast<int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

double wall_s() { return seconds(read_clock(CLOCK_REALTIME)); }

double process_cpu_s() { return seconds(read_clock(CLOCK_PROCESS_CPUTIME_ID)); }

double thread_cpu_s() { return seconds(read_clock(CLOCK_THREAD_CPUTIME_ID)); }

}  // namespace auralis
