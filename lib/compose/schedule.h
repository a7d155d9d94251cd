// SPDX-License-Identifier: MIT
// What wakes when. Of several that wake together the one added first goes first.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "compose/timeline.h"

namespace auralis {

class Schedule {
 public:
  // Makes room for so many more, asleep; answers the first.
  size_t add(size_t count) {
    wake_s_.resize(wake_s_.size() + count, never);
    return wake_s_.size() - count;
  }

  double wakes_at(size_t who) const { return wake_s_[who]; }
  void wake(size_t who, double t_s) { wake_s_[who] = whole_us(t_s); }
  void sleep(size_t who) { wake_s_[who] = never; }

  size_t first() const {
    return static_cast<size_t>(std::min_element(wake_s_.begin(), wake_s_.end()) - wake_s_.begin());
  }

  // What is left of a wait grows by a factor.
  void stretch(size_t who, double now_s, double factor) {
    if (wake_s_[who] != never) wake(who, now_s + (wake_s_[who] - now_s) * factor);
  }

 private:
  std::vector<double> wake_s_;
};

}  // namespace auralis
