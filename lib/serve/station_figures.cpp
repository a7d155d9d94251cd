// SPDX-License-Identifier: MIT
#include "serve/station_figures.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "serve/limits.h"

namespace auralis {
namespace {

// Frames of a piece that was cut short never leave.
constexpr size_t most_awaited = 1000;

}  // namespace

void FrameLatency::await(int64_t input_frame, int64_t began_us) {
  const auto later = std::find_if(awaited_.begin(), awaited_.end(), [input_frame](const Awaited& other) {
    return other.input_frame > input_frame;
  });
  awaited_.insert(later, {input_frame, began_us});
  if (awaited_.size() > most_awaited) awaited_.pop_back();
}

void FrameLatency::left_before(int64_t input_frame, int64_t now_us) {
  while (!awaited_.empty() && awaited_.front().input_frame < input_frame) {
    latency_ms_.observe(static_cast<double>(now_us - awaited_.front().began_us) / limits::us_per_ms);
    awaited_.pop_front();
  }
}

void FrameLatency::add_to(nlohmann::json& figures, const char* name) const {
  latency_ms_.add_to(figures, name);
}

void StationFigures::left_late_by(int64_t late_us) {
  lateness_ms_.observe(static_cast<double>(std::max<int64_t>(late_us, 0)) / limits::us_per_ms);
}

void StationFigures::add_figures(nlohmann::json& figures) const {
  figures["client_underruns_total"] = client_underruns_;
  figures["chunks_sent_total"] = sent_;
  figures["chunks_dropped_total"] = dropped_;
  figures["bytes_sent_total"] = bytes_;
  lateness_ms_.add_to(figures, "send_lateness_ms");
  control_latency.add_to(figures, "control_latency_ms");
  end_to_end.add_to(figures, "end_to_end_latency_ms");
}

}  // namespace auralis
