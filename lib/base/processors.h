// SPDX-License-Identifier: MIT
// How many processors this process may use: fewer than there are where it was given some of them only, as by taskset.
#pragma once

#include <sched.h>

#include <algorithm>
#include <thread>

namespace auralis {

inline int processors() {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0) return std::max(1, CPU_COUNT(&allowed));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace auralis
