// SPDX-License-Identifier: MIT
// Elementary functions from sums, products and quotients alone: the same bits on every machine, as libm's are not.
//   x          float64; of NaN: NaN
//   exp2 exp   within 2 ulp; 0 where the result would be below 2^-1022, infinity where it would be too great
//   log2 log log10   within 2.5 ulp, or 3e-16 near x = 1; -infinity at 0, NaN below
//   sin cos    within 3e-16; tan within 6 ulp but near its zeros and poles; |x| ≤ 1e6 radians, NaN beyond
//   pow        x > 0, or 0 with y > 0; within (2 + |y·log2 x|) · 3e-16 of the result
//   exact      exp2 of a whole number, log2 of a power of two
//   needs      IEEE 754 without contraction to fused multiply-add (-ffp-contract=off)
//   source     argument reduction after Cody & Waite, Software Manual for the Elementary Functions, 1980; Taylor series
#pragma once

#include <cstdint>
#include <limits>

namespace auralis::maths {

inline constexpr double ln_2 = 0.6931471805599453;
inline constexpr double log2_e = 1.4426950408889634;
inline constexpr double log2_10 = 3.321928094887362;

namespace parts {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// To the nearest whole number, ties to even, for |x| < 2^51.
constexpr double rounded(double x) { return (x + 0x1.8p52) - 0x1.8p52; }

// 2^n for −1022 ≤ n ≤ 1023.
constexpr double power_of_two(int64_t n) {
  return __builtin_bit_cast(double, static_cast<uint64_t>(n + 1023) << 52);
}

// e^(r + rest) for |r| ≤ ln(2)/2, and a rest so small that its square is nothing.
constexpr double exp_near_zero(double r, double rest) {
  constexpr double over_factorial[] = {1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800,
                                       1.0 / 362880,     1.0 / 40320,     1.0 / 5040,     1.0 / 720,
                                       1.0 / 120,        1.0 / 24,        1.0 / 6,        1.0 / 2};
  double y = 0.0;
  for (const double c : over_factorial) y = y * r + c;
  return 1.0 + (r + (rest + y * r * r));
}

constexpr double scaled(double x, int64_t n) {  // x · 2^n, which is not below 2^-1022
  return n > 1023 ? x * power_of_two(n - 1) * 2.0 : x * power_of_two(n);
}

struct Split {  // x = 2^exponent · (1 + s)/(1 − s)
  double exponent;
  double s;
};
constexpr Split split(double x) {  // x > 0, finite
  constexpr auto root_half = __builtin_bit_cast(int64_t, 0.7071067811865476);
  double lifted = 0.0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    lifted = 54.0;
  }
  const auto bits = __builtin_bit_cast(int64_t, x);
  const int64_t exponent = (bits - root_half) >> 52;
  const auto m = __builtin_bit_cast(double, bits - exponent * (int64_t{1} << 52));  // √½ … √2
  return {static_cast<double>(exponent) - lifted, (m - 1.0) / (m + 1.0)};
}

// ln((1 + s)/(1 − s)) − 2s, for |s| ≤ 0.172.
constexpr double log_rest(double s) {
  const double w = s * s;
  double sum = 0.0;
  for (int k = 21; k >= 3; k -= 2) sum = sum * w + 2.0 / k;
  return sum * w * s;
}

constexpr bool has_log(double x) { return x > 0.0 && x < infinity; }
constexpr double log_at_edge(double x) { return x == 0.0 ? -infinity : (x > 0.0 ? x : nan); }

struct Angle {  // x = quadrant · π/2 + r, |r| ≤ π/4
  int64_t quadrant;
  double r;
};
inline constexpr double greatest_angle = 1e6;
constexpr Angle reduced(double x) {
  const double n = rounded(x * 0.6366197723675814);
  // π/2 in three parts, of which n times the first two is exact.
  const double r = ((x - n * 0x1.921fb544p0) - n * 0x1.0b4611a6p-34) - n * 2.0222662487959506e-21;
  return {static_cast<int64_t>(n), r};
}

constexpr double sin_near_zero(double r) {
  const double w = r * r;
  constexpr double terms[] = {1.0 / 355687428096000, -1.0 / 1307674368000, 1.0 / 6227020800, -1.0 / 39916800,
                              1.0 / 362880,          -1.0 / 5040,          1.0 / 120,        -1.0 / 6};
  double y = 0.0;
  for (const double c : terms) y = y * w + c;
  return r + r * (w * y);
}
constexpr double cos_near_zero(double r) {
  const double w = r * r;
  constexpr double terms[] = {1.0 / 20922789888000, -1.0 / 87178291200, 1.0 / 479001600, -1.0 / 3628800,
                              1.0 / 40320,          -1.0 / 720,         1.0 / 24};
  double y = 0.0;
  for (const double c : terms) y = y * w + c;
  return 1.0 - (0.5 * w - w * w * y);
}

constexpr double sin_of_quadrant(const Angle& a, int64_t ahead) {
  const int64_t quadrant = (a.quadrant + ahead) & 3;
  const double size = (quadrant & 1) != 0 ? cos_near_zero(a.r) : sin_near_zero(a.r);
  return quadrant >= 2 ? -size : size;
}

constexpr bool is_angle(double x) { return x >= -greatest_angle && x <= greatest_angle; }

}  // namespace parts

constexpr double exp2(double x) {
  if (!(x < 1024.0)) return x >= 1024.0 ? parts::infinity : x;
  if (x < -1022.0) return 0.0;
  const double n = parts::rounded(x);
  return parts::scaled(parts::exp_near_zero((x - n) * ln_2, 0.0), static_cast<int64_t>(n));
}

constexpr double exp(double x) {
  if (!(x < 709.79)) return x >= 709.79 ? parts::infinity : x;
  if (x < -708.39) return 0.0;
  const double n = parts::rounded(x * log2_e);
  // ln(2) in two parts, of which n times the first is exact.
  const double high = x - n * 0x1.62e42feep-1;
  const double low = n * 1.9082149292705877e-10;
  const double r = high - low;
  return parts::scaled(parts::exp_near_zero(r, (high - r) - low), static_cast<int64_t>(n));
}

constexpr double log2(double x) {
  if (!parts::has_log(x)) return x != x ? x : parts::log_at_edge(x);
  const auto [exponent, s] = parts::split(x);
  return exponent + (2.0 * s + parts::log_rest(s)) * log2_e;
}

constexpr double log(double x) {
  if (!parts::has_log(x)) return x != x ? x : parts::log_at_edge(x);
  const auto [exponent, s] = parts::split(x);
  return exponent * 0x1.62e42feep-1 + (2.0 * s + (parts::log_rest(s) + exponent * 1.9082149292705877e-10));
}

constexpr double log10(double x) { return log2(x) / log2_10; }

constexpr double pow(double x, double y) {
  if (x == 0.0) return y > 0.0 ? 0.0 : parts::nan;
  return exp2(y * log2(x));
}

constexpr double sin(double x) {
  return parts::is_angle(x) ? parts::sin_of_quadrant(parts::reduced(x), 0) : parts::nan;
}
constexpr double cos(double x) {
  return parts::is_angle(x) ? parts::sin_of_quadrant(parts::reduced(x), 1) : parts::nan;
}
constexpr double tan(double x) { return sin(x) / cos(x); }

constexpr bool is_prime(int n) {
  for (int d = 2; d * d <= n; ++d) {
    if (n % d == 0) return false;
  }
  return n > 1;
}

}  // namespace auralis::maths
