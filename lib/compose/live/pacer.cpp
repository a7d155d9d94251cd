// SPDX-License-Identifier: MIT
#include "compose/live/pacer.h"

#include <algorithm>
#include <cmath>

namespace auralis {
namespace {

constexpr double us_per_s = 1e6;

int64_t microseconds(double s) { return std::llround(s * us_per_s); }
double seconds(int64_t us) { return static_cast<double>(us) / us_per_s; }

}  // namespace

Pacer::Pacer(double now_s, double lookahead_s)
    : origin_us_(microseconds(now_s)),
      lookahead_us_(microseconds(lookahead_s)),
      step_us_(microseconds(std::min(longest_step_s, lookahead_s / 2))),
      next_step_us_(origin_us_) {}

double Pacer::step_s() const { return seconds(step_us_); }

double Pacer::next_step_s() const { return seconds(next_step_us_); }

double Pacer::horizon_s(double now_s) {
  const int64_t now_us = microseconds(now_s);
  const int64_t late_us = now_us - origin_us_ - horizon_us_;
  if (late_us > microseconds(max_catch_up_s)) {
    origin_us_ += late_us;
    ++slips_;
  }
  const int64_t step = (now_us - origin_us_) / step_us_;
  horizon_us_ = std::max(horizon_us_, lookahead_us_ + step * step_us_);
  next_step_us_ = origin_us_ + (step + 1) * step_us_;
  return seconds(horizon_us_);
}

}  // namespace auralis
