// SPDX-License-Identifier: MIT
// What is taken for sound from outside, checked before anything is made for it. auralis-serve(1) and auralis-stats(1) list
// it for users.
#pragma once

#include <cstdint>

namespace auralis::limits {

inline constexpr int64_t lowest_rate = 4000;          // frames a second
inline constexpr int64_t highest_rate = 192000;       // of what is played
inline constexpr int64_t highest_file_rate = 384000;  // of what is measured
inline constexpr int64_t most_channels = 2;

}  // namespace auralis::limits
