// SPDX-License-Identifier: MIT
// Where in the input the composer's present piece began, and so where its seconds are heard. Nothing says so: it is the
// place where the input may have begun anew (its first frame, a new header, a pause) that fits the composer's clock best.
#pragma once

#include <cstdint>
#include <deque>

namespace auralis {

class PieceClock {
 public:
  // The input may have begun anew at this frame.
  void may_start_at(int64_t input_frame);
  // The composer went away: the seconds of the next one count anew.
  void restart() { start_is_ = StartIs::unknown; }

  // The input frame of second `t_s`. `newest_s` is the newest second that the composer has released, `written` how many
  // frames have been read until now.
  int64_t input_frame_of(double t_s, double newest_s, int64_t written, int rate);

 private:
  enum class StartIs { unknown, guessed, known } start_is_ = StartIs::unknown;
  int64_t start_ = 0;
  std::deque<int64_t> starts_{0};  // newest last
};

}  // namespace auralis
