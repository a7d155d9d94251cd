// SPDX-License-Identifier: MIT
#include "sparkline.h"

#include <algorithm>
#include <cmath>

namespace auralis {

std::string sparkline(const std::vector<double>& values) {
  static constexpr const char* bars[]{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  double least = INFINITY;
  double most = -INFINITY;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  // What does not move is drawn low; small movements of large figures are not blown up to full height.
  const double range = std::max({most - least, 0.05 * std::abs(most), 1e-9});
  std::string text;
  for (const double value : values) {
    text += std::isfinite(value) ? bars[std::clamp(static_cast<int>((value - least) / range * 7.999), 0, 7)]
                                 : " ";
  }
  return text;
}

}  // namespace auralis
