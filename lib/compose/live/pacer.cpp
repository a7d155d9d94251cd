// SPDX-License-Identifier: MIT
#include "compose/live/pacer.h"

#include <algorithm>
#include <cmath>

namespace auralis {

double Pacer::horizon_s(double now_s) {
  const double late_s = (now_s - origin_s_) - horizon_s_;
  if (late_s > max_catch_up_s) {
    origin_s_ += late_s;
    ++slips_;
  }
  const double wanted_s = std::floor((now_s - origin_s_ + lookahead_s_) * 1e6) / 1e6;
  horizon_s_ = std::max(horizon_s_, wanted_s);
  return horizon_s_;
}

}  // namespace auralis
