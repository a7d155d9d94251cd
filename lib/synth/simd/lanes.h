// SPDX-License-Identifier: MIT
// Vectors in GCC's extension, as wide as the instruction set this file is compiled for, one voice in each lane.
//   F, I     AURALIS_LANES float32 and int32
//   D, L     half as many float64 and int64, for control-rate work
//   Q, QI    four float32 and int32, whatever the width
//   AURALIS_FN, AURALIS_TABLE   what a function, a table of constants is declared with
//   AURALIS_RARE     what a function is declared with that is seldom called, and kept away from what is often
//   AURALIS_UNROLL   before a loop that must not stay one where there is one lane
//   AURALIS_HALF_WIDTH   defined before: AVX-512's registers and masks, for vectors of half its width
//   the namespace is the instruction set's own, so that no function is shared between sets: see synth/isa.h
// Every operation rounds as IEEE 754 says, so each set gives the same bits.
#pragma once

#include <cstdint>

#if defined(__CUDACC__) || defined(AURALIS_ONE_LANE)
#include "synth/simd/one_lane.h"
#else
#if defined(__SSE2__)
#include <immintrin.h>
#endif

#define AURALIS_FN inline
#define AURALIS_RARE [[gnu::noinline]] inline
#define AURALIS_TABLE inline constexpr
#define AURALIS_UNROLL
#if defined(__AVX512F__) && defined(AURALIS_HALF_WIDTH)
#define AURALIS_ISA avx512_half
#define AURALIS_LANES 8
#elif defined(__AVX512F__)
#define AURALIS_ISA avx512
#define AURALIS_LANES 16
#elif defined(__AVX2__)
#define AURALIS_ISA avx2
#define AURALIS_LANES 8
#else
#define AURALIS_ISA baseline
#define AURALIS_LANES 4
#endif

namespace auralis::AURALIS_ISA {

inline constexpr int lanes = AURALIS_LANES;
inline constexpr int half_lanes = AURALIS_LANES / 2;

using F [[gnu::vector_size(AURALIS_LANES * 4)]] = float;
using I [[gnu::vector_size(AURALIS_LANES * 4)]] = int32_t;
using U [[gnu::vector_size(AURALIS_LANES * 4)]] = uint32_t;
using D [[gnu::vector_size(AURALIS_LANES * 4)]] = double;
using L [[gnu::vector_size(AURALIS_LANES * 4)]] = int64_t;
using HalfF [[gnu::vector_size(AURALIS_LANES * 2)]] = float;
using HalfI [[gnu::vector_size(AURALIS_LANES * 2)]] = int32_t;
using HalfU [[gnu::vector_size(AURALIS_LANES * 2)]] = uint32_t;
using Q [[gnu::vector_size(16)]] = float;
using QI [[gnu::vector_size(16)]] = int32_t;

// From and to any address: what lies aligned costs no more.
template <typename V, typename T>
inline V load(const T* from) {
  V value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}
template <typename V, typename T>
inline void store(T* to, const V& value) {
  __builtin_memcpy(to, &value, sizeof value);
}

inline F to_float(I x) { return __builtin_convertvector(x, F); }
inline HalfF to_float(D x) { return __builtin_convertvector(x, HalfF); }
inline I to_whole(F x) { return __builtin_convertvector(x, I); }
inline HalfI to_whole(D x) { return __builtin_convertvector(x, HalfI); }
inline D to_double(HalfF x) { return __builtin_convertvector(x, D); }
inline D to_double(HalfI x) { return __builtin_convertvector(x, D); }
inline double to_double(int32_t x) { return static_cast<double>(x); }
inline HalfI to_mask(L mask) { return __builtin_convertvector(mask, HalfI); }

inline F magnitude(F x) { return (F)((I)x & 0x7fffffff); }
inline D magnitude(D x) { return (D)((L)x & 0x7fffffffffffffff); }
inline double magnitude(double x) { return __builtin_fabs(x); }
inline F masked(F x, I mask) { return (F)((I)x & mask); }

// One instruction where there is one; the compiler makes two or three of a ternary, which must say what -0 and NaN do.
// Masked, of all lanes: GCC bug 105593 takes the unmasked ones for uninitialized.
#if AURALIS_LANES == 16
inline F lower_of(F a, F b) { return (F)_mm512_mask_min_ps((__m512)a, 0xffff, (__m512)a, (__m512)b); }
inline F higher_of(F a, F b) { return (F)_mm512_mask_max_ps((__m512)a, 0xffff, (__m512)a, (__m512)b); }
#elif AURALIS_LANES == 8
inline F lower_of(F a, F b) { return (F)_mm256_min_ps((__m256)a, (__m256)b); }
inline F higher_of(F a, F b) { return (F)_mm256_max_ps((__m256)a, (__m256)b); }
#elif defined(__SSE2__)
inline F lower_of(F a, F b) { return (F)_mm_min_ps((__m128)a, (__m128)b); }
inline F higher_of(F a, F b) { return (F)_mm_max_ps((__m128)a, (__m128)b); }
#endif

// Rounded as IEEE 754 says, as the rest is. x ≥ 0
#if AURALIS_LANES == 16
inline F root_of(F x) { return (F)_mm512_mask_sqrt_ps((__m512)x, 0xffff, (__m512)x); }
#elif AURALIS_LANES == 8
inline F root_of(F x) { return (F)_mm256_sqrt_ps((__m256)x); }
#elif defined(__SSE2__)
inline F root_of(F x) { return (F)_mm_sqrt_ps((__m128)x); }
#else
inline F root_of(F x) {
  for (int i = 0; i < lanes; ++i) x[i] = __builtin_sqrtf(x[i]);
  return x;
}
#endif

// A bit for each lane of a comparison.
inline uint32_t bits_of(L mask) {
#if AURALIS_LANES == 16
  return _mm512_movepi64_mask((__m512i)mask);
#elif defined(__AVX2__)
  return static_cast<uint32_t>(_mm256_movemask_pd((__m256d)mask));
#elif defined(__SSE2__)
  return static_cast<uint32_t>(_mm_movemask_pd((__m128d)mask));
#else
  alignas(64) int64_t lane[half_lanes];
  store(lane, mask);
  uint32_t bits = 0;
  for (int i = 0; i < half_lanes; ++i) bits |= (lane[i] != 0 ? 1u : 0u) << i;
  return bits;
#endif
}

inline bool any(L mask) { return bits_of(mask) != 0; }

inline D as_double(L bits) { return (D)bits; }
inline double as_double(int64_t bits) { return __builtin_bit_cast(double, bits); }
inline L as_bits(D x) { return (L)x; }
inline int64_t as_bits(double x) { return __builtin_bit_cast(int64_t, x); }

}  // namespace auralis::AURALIS_ISA
#endif

namespace auralis::AURALIS_ISA {

// The vectors by their elements: GCC would drop a vector's attributes where it is a template's argument.
template <typename T>
struct VectorOf;
template <>
struct VectorOf<float> {
  using V = F;
};
template <>
struct VectorOf<double> {
  using V = D;
};
template <>
struct VectorOf<int32_t> {
  using V = I;
};

template <typename V>
AURALIS_FN V lower_of(V a, V b) {  // b where neither is lower
  return a < b ? a : b;
}
template <typename V>
AURALIS_FN V higher_of(V a, V b) {
  return a > b ? a : b;
}
template <typename V, typename T>
AURALIS_FN V clamped(V x, T low, T high) {
  return lower_of(higher_of(x, V{} + low), V{} + high);
}

// To the nearest whole number, ties to even; |x| < 2^22 and 2^51.
AURALIS_FN F rounded(F x) { return (x + 0x1.8p23F) - 0x1.8p23F; }
template <typename T>
AURALIS_FN T rounded(T x) {
  return (x + 0x1.8p52) - 0x1.8p52;
}

}  // namespace auralis::AURALIS_ISA
