// SPDX-License-Identifier: MIT
// Random signals as pure functions of a counter and a key: no state, and any part of them in any order.
//   white_noise   −1 … 1
//   draw          −1 … 1, float64
//   wander        a smooth random walk within −1 … 1, 0.4 rms: a uniform cubic B-spline of one draw for each whole
//                 number, so that its speed and its acceleration have no step. 0 ≤ position < 2^31
//   source        an xor-shift-multiply mixer of the kind of Mulvey's and Wellons' integer hashes, full avalanche
#pragma once

#include "synth/simd/lanes.h"

namespace auralis::AURALIS_ISA {

template <typename V>
AURALIS_FN V mixed(V h) {
  h ^= h >> 16;
  h *= 0x21f0aaadu;
  h ^= h >> 15;
  h *= 0x735a2d97u;
  h ^= h >> 15;
  return h;
}

AURALIS_FN F white_noise(I counter, I key) {
  return to_float((I)mixed((U)counter * 0x9e3779b9u + (U)key)) * 0x1.0p-31F;
}

AURALIS_FN double draw(uint32_t counter, uint32_t key) {
  return to_double(static_cast<int32_t>(mixed(counter * 0x9e3779b9u + key))) * 0x1.0p-31;
}

AURALIS_FN D wander(D position, HalfU key) {
  const D whole = rounded(position - 0.5);
  const D f = position - whole;
  HalfU counter = (HalfU)to_whole(whole) * 0x9e3779b9u + key;
  const auto next = [&counter] {
    const D drawn = to_double((HalfI)mixed(counter));
    counter += 0x9e3779b9u;
    return drawn;
  };
  const D a = next();
  const D b = next();
  const D c = next();
  const D d = next();
  const D left = 1.0 - f;
  const D of_b = (3.0 * f - 6.0) * f * f + 4.0;
  const D of_c = (3.0 * left - 6.0) * left * left + 4.0;
  return ((left * left * left * a + of_b * b) + (of_c * c + f * f * f * d)) * (0x1.0p-31 / 6.0);
}

}  // namespace auralis::AURALIS_ISA
