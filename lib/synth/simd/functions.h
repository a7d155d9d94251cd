// SPDX-License-Identifier: MIT
// Elementary functions from + − × ÷ alone, the same bits everywhere; libm differs from machine to machine.
//   T        double, or a vector of them, where it says so float
//   exp2_of     |x| < 1000, within 1e-11 of 2^x
//   sin_pi      sin(πx) for x in [−1, 1], within 2e-14
//   fall_pi     −sin(πx) for float x in [−1, 1], within 1e-7
//   tan_pi      tan(πx) for x in [0, 0.5), within 1e-12
//   log2_of     x normal and positive, within 1e-12
//   gain_of_db  10^(dB/20)
#pragma once

#include "synth/simd/lanes.h"

namespace auralis::AURALIS_ISA {

template <typename T>
AURALIS_FN T exp2_of(T x) {
  const T shifted = x + 0x1.8p52;
  const T f = x - (shifted - 0x1.8p52);
  // ln(2)^k / k!
  T y = f * 1.0178086009239699e-7 + 1.3215486790144307e-6;
  y = y * f + 1.5252733804059840e-5;
  y = y * f + 1.5403530393381608e-4;
  y = y * f + 1.3333558146428443e-3;
  y = y * f + 9.6181291076284772e-3;
  y = y * f + 5.5504108664821580e-2;
  y = y * f + 2.4022650695910072e-1;
  y = y * f + 6.9314718055994531e-1;
  y = y * f + 1.0;
  return y * as_double((as_bits(shifted) + 1023) << 52);
}

// sin(πx) has zeros at 0 and ±1; the rest is a polynomial in x² that meets it at Chebyshev's points.
template <typename T>
AURALIS_FN T sin_pi(T x) {
  const T w = x * x;
  T q = w * 2.0162477636160484e-8 - 7.686343366567821e-7;
  q = q * w + 2.1138412748709726e-5;
  q = q * w - 4.4515780521649933e-4;
  q = q * w + 6.9252698683777356e-3;
  q = q * w - 7.522061574058053e-2;
  q = q * w + 5.240439134012018e-1;
  q = q * w - 2.0261201264595585;
  q = q * w + 3.1415926535897887;
  return x * (1.0 - w) * q;
}

// −sin(πx)
AURALIS_FN F fall_pi(F x) {
  const F w = x * x;
  F q = w * -3.8589475e-4F + 6.8600798e-3F;
  q = q * w - 7.5187169e-2F;
  q = q * w + 5.2403612e-1F;
  q = q * w - 2.0261195F;
  q = q * w + 3.1415926F;
  return x * (w - 1.0F) * q;
}

template <typename T>
AURALIS_FN T cos_pi(T x) {  // x in [−1, 0.5]
  return sin_pi(x + 0.5);
}

template <typename T>
AURALIS_FN T tan_pi(T x) {
  return sin_pi(x) / cos_pi(x);
}

AURALIS_FN double log2_of(double x) {
  constexpr int64_t root_half = 0x3fe6a09e667f3bcd;
  const int64_t bits = as_bits(x);
  const int64_t exponent = (bits - root_half) >> 52;
  const double m = as_double(bits - (exponent << 52));  // √½ … √2
  const double s = (m - 1.0) / (m + 1.0);
  const double w = s * s;
  double sum = 1.0 / 15.0;
  for (int k = 13; k >= 1; k -= 2) sum = sum * w + 1.0 / k;
  return static_cast<double>(exponent) + sum * s * 2.8853900817779268;
}

AURALIS_FN double gain_of_db(double db) {
  constexpr double octaves_per_db = 0.16609640474436813;  // log2(10)/20
  return exp2_of(db * octaves_per_db);
}

}  // namespace auralis::AURALIS_ISA
