// SPDX-License-Identifier: MIT
// How far a limiter turns a sound down.
//   in          what goes in and what comes out: interleaved float32 of the same frames, in blocks of any size
//   reduction   of each hundredth of a second: power in over power out, in dB, where what goes in is louder than −50 dBFS
//   out         its largest and when that is; its mean, and the share of the time over half a dB, of what was that loud.
//               NaN where nothing was
#pragma once

#include <cstdint>
#include <span>

namespace auralis {

struct Reduction {
  double largest_db;
  double largest_s;
  double mean_db;
  double over_half_db_percent;
};

class ReductionMeter {
 public:
  ReductionMeter(int rate, int channels);

  void add(std::span<const float> in, std::span<const float> out);
  Reduction figures() const;

 private:
  void end_cell();

  int rate_;
  size_t channels_;
  int64_t cell_frames_;
  int64_t frames_ = 0;
  double in_power_ = 0.0;
  double out_power_ = 0.0;
  int64_t cells_ = 0;  // that were loud enough
  int64_t over_ = 0;
  double sum_db_ = 0.0;
  double largest_db_ = 0.0;
  double largest_s_ = 0.0;
};

}  // namespace auralis
