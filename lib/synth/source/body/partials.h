// SPDX-License-Identifier: MIT
// The partials of the four bodies, see body.h: ratios to the lowest, levels, and factors on how long they last.
#pragma once

#include <array>

#include "synth/source/body/body.h"

namespace auralis::source {

struct BodyPartial {
  double ratio;
  double level;
  double keeps;  // factor on how long it lasts
};
using BodyPartials = std::array<BodyPartial, Body::modes>;

constexpr BodyPartials bar_partials() {
  BodyPartials all{};
  constexpr double first = 3.0112 * 3.0112;
  for (int n = 0; n < 8; ++n) {
    const double odd = n == 0 ? 3.0112 : 2.0 * n + 3.0;
    const auto at = static_cast<size_t>(2 * n);
    all[at] = {odd * odd / first, n == 0 ? 1.0 : 0.7 / n, 1.0};
    all[at + 1] = {odd * odd / first, 0.0, 1.0};
  }
  return all;
}

// Two of each, `split` apart.
constexpr BodyPartials paired(const double (&ratios)[8], double split, double fall) {
  BodyPartials all{};
  double level = 1.0;
  for (size_t n = 0; n < 8; ++n) {
    all[2 * n] = {ratios[n], level, 1.0};
    all[2 * n + 1] = {ratios[n] * (1.0 + split / (1.0 + 0.4 * static_cast<double>(n))), 0.6 * level, 0.9};
    level *= fall;
  }
  return all;
}

inline constexpr double bowl_ratios[8] = {1.0, 2.77828, 5.18099, 8.16289, 11.66063, 15.63801, 19.99, 24.7};
inline constexpr double glass_ratios[8] = {1.0, 2.32, 4.25, 6.63, 9.38, 12.6, 16.3, 20.4};

constexpr BodyPartials plate_partials() {
  // m, n in the order of (m/1.414)² + n²
  constexpr int nodes[Body::modes][2] = {{1, 1}, {2, 1}, {1, 2}, {3, 1}, {2, 2}, {3, 2}, {4, 1}, {1, 3},
                                         {2, 3}, {4, 2}, {5, 1}, {3, 3}, {5, 2}, {4, 3}, {1, 4}, {6, 1}};
  BodyPartials all{};
  const auto of = [](int m, int n) { return m * m / 2.0 + n * n; };
  for (size_t i = 0; i < Body::modes; ++i) {
    all[i] = {of(nodes[i][0], nodes[i][1]) / of(1, 1), 1.0 / (1.0 + 0.35 * static_cast<double>(i)), 1.0};
  }
  return all;
}

inline constexpr std::array<BodyPartials, 4> bodies{bar_partials(), paired(bowl_ratios, 0.0016, 0.62),
                                                    paired(glass_ratios, 0.0009, 0.5), plate_partials()};

}  // namespace auralis::source
