// SPDX-License-Identifier: MIT
// The names of lanes.h for one voice at a time: a thread of a CUDA device, or its twin on the processor, which
// the tests hold beside the vectors. Masks of float64 are L, 0 or not; masks of float32 are bool.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#define AURALIS_ISA one_lane
#define AURALIS_LANES 1
#if defined(__CUDACC__)
#define AURALIS_FN __device__ inline
#define AURALIS_RARE __device__ __noinline__
#define AURALIS_TABLE static __device__ constexpr
#define AURALIS_UNROLL _Pragma("unroll")
#else
#define AURALIS_FN inline
#define AURALIS_RARE inline
#define AURALIS_TABLE inline constexpr
#define AURALIS_UNROLL
#endif

namespace auralis::AURALIS_ISA {

inline constexpr int lanes = 1;
inline constexpr int half_lanes = 1;

using F = float;
using I = int32_t;
using U = uint32_t;
using D = double;
using L = int64_t;
using HalfF = float;
using HalfI = int32_t;
using HalfU = uint32_t;

template <typename V, typename T>
AURALIS_FN V load(const T* from) {
  static_assert(sizeof(V) == sizeof(T));
  return static_cast<V>(*from);
}
template <typename V, typename T>
AURALIS_FN void store(T* to, const V& value) {
  static_assert(sizeof(V) == sizeof(T));
  *to = static_cast<T>(value);
}

template <typename To, typename From>
AURALIS_FN To same_bits(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  memcpy(&to, &from, sizeof to);
  return to;
}

AURALIS_FN float to_float(int32_t x) { return static_cast<float>(x); }
AURALIS_FN float to_float(double x) { return static_cast<float>(x); }
AURALIS_FN int32_t to_whole(float x) { return static_cast<int32_t>(x); }
AURALIS_FN int32_t to_whole(double x) { return static_cast<int32_t>(x); }
AURALIS_FN double to_double(float x) { return static_cast<double>(x); }
AURALIS_FN double to_double(int32_t x) { return static_cast<double>(x); }
AURALIS_FN int32_t to_mask(L mask) { return mask != 0 ? -1 : 0; }

AURALIS_FN float magnitude(float x) { return x < 0.0F ? -x : x; }
AURALIS_FN double magnitude(double x) { return x < 0.0 ? -x : x; }
AURALIS_FN float masked(float x, int32_t mask) { return mask != 0 ? x : 0.0F; }

AURALIS_FN float root_of(float x) { return sqrtf(x); }

AURALIS_FN uint32_t bits_of(L mask) { return mask != 0 ? 1u : 0u; }
AURALIS_FN bool any(L mask) { return mask != 0; }

AURALIS_FN double as_double(int64_t bits) { return same_bits<double>(bits); }
AURALIS_FN int64_t as_bits(double x) { return same_bits<int64_t>(x); }

}  // namespace auralis::AURALIS_ISA
