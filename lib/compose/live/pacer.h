// SPDX-License-Identifier: MIT
// Musical time against the wall: how far a live stream may be written now.
//   clock       seconds on any monotonic clock, passed in
//   lookahead   what is written is at most this far ahead of its time
//   steps       the stream is written in steps of one length on an even grid, whole microseconds of music, so that what
//               comes of them is even too, however late a step was woken
//   slips       being held up is caught up while it is short; beyond max_catch_up_s the clock is shifted, so that no
//               burst follows, and the slip is counted
#pragma once

#include <cstdint>

namespace auralis {

class Pacer {
 public:
  // Short enough that no burst is heard in a control's latency.
  static constexpr double max_catch_up_s = 0.100;
  // A promise is due every 20 ms. A wake-up may come 2 ms late, and each costs every command that follows one, too.
  static constexpr double longest_step_s = 0.018;

  Pacer(double now_s, double lookahead_s);

  // At most half a lookahead, so that a step that is woken late is not late with its events.
  double step_s() const;
  // The stream may be written up to this time; it moves on with each step and never goes back.
  double horizon_s(double now_s);
  // When the horizon moves on next, once it was asked for.
  double next_step_s() const;

  uint64_t slips() const { return slips_; }

 private:
  int64_t origin_us_;
  int64_t lookahead_us_;
  int64_t step_us_;
  int64_t horizon_us_ = 0;
  int64_t next_step_us_;
  uint64_t slips_ = 0;
};

}  // namespace auralis
