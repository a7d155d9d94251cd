// SPDX-License-Identifier: MIT
#include "render/progress.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/text.h"

namespace auralis {
namespace {

constexpr double bar_width = 30.0;

std::string one_decimal(double x) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", x);
  return text.data();
}

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

std::string summary_line(const Summary& summary) {
  const bool is_loud = std::isfinite(summary.lufs) && summary.lufs < 0.0;
  const double speed = summary.wall_s > 0.0 ? summary.made_s / summary.wall_s : 0.0;
  return summary.file + ": " +
         join_known({(summary.is_whole ? "" : "interrupted at ") + minutes_and_seconds(summary.made_s),
                     summary.seed.empty() ? "" : "seed " + summary.seed,
                     is_loud ? one_decimal(summary.lufs) + " LUFS" : "",
                     "made in " + one_decimal(summary.wall_s) + " s, " + std::to_string(std::lround(speed)) +
                         " times real time"},
                    ", ");
}

}  // namespace auralis
