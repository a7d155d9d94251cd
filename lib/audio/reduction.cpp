// SPDX-License-Identifier: MIT
#include "audio/reduction.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace auralis {
namespace {

constexpr int cells_per_second = 100;
constexpr double loud_power = 1e-5;    // −50 dBFS
constexpr double least_power = 1e-12;  // of what comes out, so that silence is a number, too
constexpr double over_db = 0.5;

}  // namespace

ReductionMeter::ReductionMeter(int rate, int channels)
    : rate_(rate), channels_(static_cast<size_t>(channels)), cell_frames_(rate / cells_per_second) {}

void ReductionMeter::add(std::span<const float> in, std::span<const float> out) {
  assert(in.size() == out.size());
  for (size_t at = 0; at < in.size(); at += channels_) {
    for (size_t i = at; i < at + channels_; ++i) {
      in_power_ += static_cast<double>(in[i] * in[i]);
      out_power_ += static_cast<double>(out[i] * out[i]);
    }
    if (++frames_ % cell_frames_ == 0) end_cell();
  }
}

void ReductionMeter::end_cell() {
  const double samples = static_cast<double>(cell_frames_) * static_cast<double>(channels_);
  if (in_power_ / samples >= loud_power) {
    const double db = 10.0 * std::log10(in_power_ / std::max(out_power_, least_power * samples));
    sum_db_ += db;
    if (db > over_db) ++over_;
    if (cells_++ == 0 || db > largest_db_) {
      largest_db_ = db;
      largest_s_ = static_cast<double>(frames_ - cell_frames_) / rate_;
    }
  }
  in_power_ = out_power_ = 0.0;
}

Reduction ReductionMeter::figures() const {
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  if (cells_ == 0) return {nothing, nothing, nothing, nothing};
  const auto cells = static_cast<double>(cells_);
  return {largest_db_, largest_s_, sum_db_ / cells, 100.0 * static_cast<double>(over_) / cells};
}

}  // namespace auralis
