// SPDX-License-Identifier: MIT
// The clocks of this machine; everything else that is called time here is counted in frames or in seconds of a piece.
//   monotonic   since some moment in the past; stands still while the machine sleeps, and nobody sets it
//   wall        since 1970, UTC: for what people and other machines read
//   cpu         what this process has used, all threads together; or the calling thread alone
#pragma once

#include <cstdint>

namespace auralis {

double monotonic_s();
int64_t monotonic_us();
double wall_s();
double process_cpu_s();
double thread_cpu_s();

}  // namespace auralis
