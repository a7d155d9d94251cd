// SPDX-License-Identifier: MIT
// A number for people, as JSON.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>

namespace auralis {

// With so many decimals; null where it is not finite.
inline nlohmann::json rounded(double x, int decimals) {
  const double steps = std::pow(10.0, decimals);
  return std::isfinite(x) ? nlohmann::json(std::round(x * steps) / steps) : nlohmann::json(nullptr);
}

}  // namespace auralis
