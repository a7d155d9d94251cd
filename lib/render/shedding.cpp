// SPDX-License-Identifier: MIT
#include "render/shedding.h"

#include <algorithm>
#include <cmath>

namespace auralis {
namespace {

constexpr double memory_s = 0.5;
constexpr double largest_load = 4.0;  // of one block
constexpr double heavy = 0.85;        // from here on there is no time left for anything else
constexpr double aim = 0.6;
constexpr double light = 0.4;
constexpr double light_for_s = 2.0;
constexpr double step_s = 0.25;
constexpr double most_at_once = 0.25;  // of the voices
constexpr int least_voices = 4;
constexpr double raise_by = 0.125;
constexpr double log_every_s = 60.0;

}  // namespace

Shedding::Decision Shedding::update(double block_s, double spent_s, int voices) {
  now_s_ += block_s;
  const double load = std::min(largest_load, spent_s / block_s);
  load_ += (1.0 - std::exp(-block_s / memory_s)) * (load - load_);
  if (load_ > light) light_since_s_ = now_s_;
  if (now_s_ < next_s_) return {};
  if (load_ > heavy) return lower(voices);
  if (limit_ < most_ && now_s_ - light_since_s_ > light_for_s) return raise();
  return {};
}

Shedding::Decision Shedding::lower(int voices) {
  next_s_ = now_s_ + step_s;
  const double share = std::max(1.0 - most_at_once, aim / load_);
  const int limit = std::max(least_voices, static_cast<int>(std::floor(voices * share)));
  if (limit >= limit_) return {};
  limit_ = limit;
  Decision decision{limit_, {}};
  if (!sheds_) {
    decision.said = once("this machine cannot keep real time with " + std::to_string(voices) +
                         " voices: the quietest are left out until it can");
    sheds_ = !decision.said.empty();
  }
  return decision;
}

Shedding::Decision Shedding::raise() {
  next_s_ = now_s_ + 2.0 * step_s;
  limit_ = std::min(most_, limit_ + std::max(1, static_cast<int>(raise_by * limit_)));
  Decision decision{limit_, {}};
  if (limit_ == most_ && sheds_) {
    decision.said = "all voices sound again";
    sheds_ = false;
  }
  return decision;
}

std::string Shedding::once(const std::string& text) {
  if (now_s_ < quiet_until_s_) return {};
  quiet_until_s_ = now_s_ + log_every_s;
  return text;
}

}  // namespace auralis
