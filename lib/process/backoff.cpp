// SPDX-License-Identifier: MIT
#include "process/backoff.h"

#include <algorithm>
#include <cmath>

namespace auralis {

std::optional<double> Backoff::failed(double ran_s) {
  if (ran_s >= settings_.settled_s) {
    failures_ = 0;
    return 0.0;
  }
  ++failures_;
  if (settings_.give_up_after > 0 && failures_ >= settings_.give_up_after) return std::nullopt;
  if (failures_ == 1) return 0.0;
  return std::min(settings_.longest_delay_s, settings_.first_delay_s * std::exp2(failures_ - 2));
}

}  // namespace auralis
