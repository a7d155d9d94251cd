// SPDX-License-Identifier: MIT
#include "render/progress.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace auralis {
namespace {

constexpr double bar_width = 30.0;

}  // namespace

std::string progress_line(const Progress& progress) {
  const double speed = progress.spent_s > 0.0 ? progress.made_s / progress.spent_s : 0.0;
  std::string text = minutes_and_seconds(progress.made_s);
  if (progress.total_s && *progress.total_s > 0.0) {
    const double total_s = *progress.total_s;
    const auto filled = static_cast<size_t>(std::clamp(progress.made_s / total_s, 0.0, 1.0) * bar_width);
    const std::string bar =
        std::string(filled, '=') + std::string(static_cast<size_t>(bar_width) - filled, ' ');
    text = "[" + bar + "] " + text + " of " + minutes_and_seconds(total_s);
    const double left_s = std::max(0.0, total_s - progress.made_s);
    if (speed > 0.0) text += ", " + minutes_and_seconds(left_s / speed + 0.5) + " left";
  }
  return text + ", " + std::to_string(std::lround(speed)) + " times real time";
}

}  // namespace auralis
