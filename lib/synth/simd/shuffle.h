// SPDX-License-Identifier: MIT
// Vectors of fours turned about: rows into columns, fours from afar side by side.
#pragma once

#include <cstddef>
#include <utility>

#include "synth/simd/lanes.h"

namespace auralis::AURALIS_ISA {
namespace {

template <typename V, size_t... i>
AURALIS_FN void transpose(V& a, V& b, V& c, V& d, std::index_sequence<i...>) {
  constexpr size_t n = sizeof...(i);
  const V ab_low = __builtin_shufflevector(a, b, (i / 4 * 4 + i % 4 / 2 + i % 2 * n)...);
  const V ab_high = __builtin_shufflevector(a, b, (i / 4 * 4 + i % 4 / 2 + i % 2 * n + 2)...);
  const V cd_low = __builtin_shufflevector(c, d, (i / 4 * 4 + i % 4 / 2 + i % 2 * n)...);
  const V cd_high = __builtin_shufflevector(c, d, (i / 4 * 4 + i % 4 / 2 + i % 2 * n + 2)...);
  a = __builtin_shufflevector(ab_low, cd_low, (i / 4 * 4 + i % 2 + i % 4 / 2 * n)...);
  b = __builtin_shufflevector(ab_low, cd_low, (i / 4 * 4 + i % 2 + i % 4 / 2 * n + 2)...);
  c = __builtin_shufflevector(ab_high, cd_high, (i / 4 * 4 + i % 2 + i % 4 / 2 * n)...);
  d = __builtin_shufflevector(ab_high, cd_high, (i / 4 * 4 + i % 2 + i % 4 / 2 * n + 2)...);
}

// Each four by four: a, b, c, d are rows of four, as many side by side as there are lanes for.
template <typename V>
AURALIS_FN void transpose(V& a, V& b, V& c, V& d) {
  transpose(a, b, c, d, std::make_index_sequence<sizeof(V) / sizeof(float)>());
}

template <typename V, size_t... i>
AURALIS_FN auto join(V a, V b, std::index_sequence<i...>) {
  return __builtin_shufflevector(a, b, i...);
}

// Fours that lie `stride` apart, side by side.
template <int count = lanes>
AURALIS_FN auto load_fours(const float* from, int stride) {
  if constexpr (count == 4) {
    return load<Q>(from);
  } else {
    return join(load_fours<count / 2>(from, stride), load_fours<count / 2>(from + count / 8 * stride, stride),
                std::make_index_sequence<count>());
  }
}

// … and back: the fours of v, `stride` apart.
template <typename V>
AURALIS_FN void store_fours(float* to, int stride, V v) {
  float fours[sizeof(V) / sizeof(float)];
  __builtin_memcpy(fours, &v, sizeof v);
  for (size_t i = 0; i < sizeof(V) / sizeof(float); i += 4) {
    __builtin_memcpy(to + i / 4 * static_cast<size_t>(stride), fours + i, 16);
  }
}

}  // namespace
}  // namespace auralis::AURALIS_ISA
