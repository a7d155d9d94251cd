// SPDX-License-Identifier: MIT
#include "base/backoff.h"

#include <algorithm>
#include <cmath>

namespace auralis {

std::optional<double> Backoff::failed(double ran_s) {
  const bool settled = ran_s >= settings_.settled_s;
  failures_ = settled ? 0 : failures_ + 1;
  if (settings_.give_up_after > 0 && failures_ >= settings_.give_up_after) return std::nullopt;
  if (settings_.tries_at_once && failures_ <= 1) return 0.0;
  const int doublings = std::max(failures_ - (settings_.tries_at_once ? 2 : 1), 0);
  return std::min(settings_.longest_delay_s, settings_.first_delay_s * std::exp2(doublings));
}

}  // namespace auralis
