// SPDX-License-Identifier: MIT
// Sounds for the tests of this layer.
#pragma once

#include <cmath>
#include <numbers>
#include <vector>

#include "model/rng.h"

namespace auralis::test {

// Interleaved stereo sine, the right channel a quarter turn behind.
inline std::vector<float> sine(double hz, double level, double seconds, int rate = 44100) {
  const auto frames = static_cast<size_t>(seconds * rate);
  std::vector<float> out(frames * 2);
  for (size_t i = 0; i < frames; ++i) {
    const double phase = 2.0 * std::numbers::pi * hz * static_cast<double>(i) / rate;
    out[2 * i] = static_cast<float>(level * std::sin(phase));
    out[2 * i + 1] = static_cast<float>(-level * std::cos(phase));
  }
  return out;
}

inline std::vector<float> noise(size_t samples, double level, uint64_t seed = 1) {
  Rng rng(seed);
  std::vector<float> out(samples);
  for (float& x : out) x = static_cast<float>(rng.uniform(-level, level));
  return out;
}

// 10·log10 of error power over signal power.
inline double error_db(const std::vector<float>& got, const std::vector<float>& wanted) {
  double error = 0.0;
  double power = 0.0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const double difference = static_cast<double>(got[i]) - static_cast<double>(wanted[i]);
    error += difference * difference;
    power += static_cast<double>(wanted[i]) * static_cast<double>(wanted[i]);
  }
  return 10.0 * std::log10(error / power + 1e-30);
}

}  // namespace auralis::test
