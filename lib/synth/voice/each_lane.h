// SPDX-License-Identifier: MIT
// The lanes of a group that have a bit, in order.
#pragma once

#include <bit>
#include <cstdint>

namespace auralis::voice {

template <typename F>
void for_each_lane(uint32_t lanes, const F& f) {
  for (; lanes != 0; lanes &= lanes - 1) f(std::countr_zero(lanes));
}

}  // namespace auralis::voice
