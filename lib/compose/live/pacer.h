// SPDX-License-Identifier: MIT
// Musical time against the wall: how far a live stream may be written now.
//   clock       seconds on any monotonic clock, passed in
//   lookahead   what is written is at most this far ahead of its time
//   slips       being held up is caught up while it is short; beyond max_catch_up_s the clock is shifted, so that no
//               burst follows, and the slip is counted
#pragma once

#include <algorithm>
#include <cstdint>

namespace auralis {

class Pacer {
 public:
  static constexpr double max_catch_up_s =
      0.100;  // short enough that no burst is heard in a control's latency

  Pacer(double now_s, double lookahead_s) : origin_s_(now_s), lookahead_s_(lookahead_s) {}

  // How often to ask: twice in the contract's 20 ms, and four times in a short lookahead.
  double step_s() const { return std::min(0.010, lookahead_s_ / 4); }
  // The stream may be written up to this time, in whole microseconds; never goes back.
  double horizon_s(double now_s);

  uint64_t slips() const { return slips_; }

 private:
  double origin_s_;
  double lookahead_s_;
  double horizon_s_ = 0.0;
  uint64_t slips_ = 0;
};

}  // namespace auralis
