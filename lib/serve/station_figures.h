// SPDX-License-Identifier: MIT
// What a station counts and measures where its packets leave.
#pragma once

#include <cstdint>
#include <deque>
#include <nlohmann/json_fwd.hpp>

#include "figures/latency.h"

namespace auralis {

// How long it takes from a moment until a frame of the input leaves for the listeners. Of the input, since silence may be
// sent before it.
class FrameLatency {
 public:
  // The frame has not left yet; `began_us` is the moment from which its latency counts.
  void await(int64_t input_frame, int64_t began_us);
  // Every frame before this one has left.
  void left_before(int64_t input_frame, int64_t now_us);
  void forget() { awaited_.clear(); }
  void add_to(nlohmann::json& figures, const char* name) const;

 private:
  struct Awaited {
    int64_t input_frame = 0;
    int64_t began_us = 0;
  };
  std::deque<Awaited> awaited_;  // by frame
  Latency latency_ms_;
};

class StationFigures {
 public:
  FrameLatency control_latency;  // since a control arrived that is first heard in that frame
  FrameLatency end_to_end;       // since the composer made it, by the timestamp that its state carries

  void sent(size_t bytes) {
    ++sent_;
    bytes_ += bytes;
  }
  void dropped(uint64_t packets) { dropped_ += packets; }
  void client_underruns(double more) { client_underruns_ += more; }
  void left_late_by(int64_t late_us);
  void add_figures(nlohmann::json& figures) const;

 private:
  Latency lateness_ms_;
  uint64_t sent_ = 0;
  uint64_t dropped_ = 0;
  uint64_t bytes_ = 0;
  double client_underruns_ = 0;
};

}  // namespace auralis
