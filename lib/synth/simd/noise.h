// SPDX-License-Identifier: MIT
// White noise, −1 … 1, as a pure function of a counter and a key: no state, and any part of it in any order.
//   source   an xor-shift-multiply mixer of the kind of Mulvey's and Wellons' integer hashes, full avalanche
#pragma once

#include "synth/simd/lanes.h"

namespace auralis::AURALIS_ISA {

AURALIS_FN F white_noise(I counter, I key) {
  U h = (U)counter * 0x9e3779b9u + (U)key;
  h ^= h >> 16;
  h *= 0x21f0aaadu;
  h ^= h >> 15;
  h *= 0x735a2d97u;
  h ^= h >> 15;
  return to_float((I)h) * 0x1.0p-31F;
}

}  // namespace auralis::AURALIS_ISA
