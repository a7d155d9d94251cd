// SPDX-License-Identifier: MIT
#include "model/number_text.h"

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace auralis {

std::string number_text(double x) {
  constexpr double whole_up_to = 1e15;
  if (std::abs(x) < whole_up_to && std::trunc(x) == x) return std::to_string(static_cast<int64_t>(x));
  return nlohmann::json(x).dump();
}

double short_decimal(float x) {
  const auto exact = static_cast<double>(x);
  double scale = 1.0;
  for (int decimals = 0; decimals <= 9; ++decimals, scale *= 10.0) {
    const double rounded = std::round(exact * scale) / scale;
    if (static_cast<float>(rounded) == x) return rounded;
  }
  return exact;
}

}  // namespace auralis
