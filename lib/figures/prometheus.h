// SPDX-License-Identifier: MIT
// Figures in the Prometheus text format.
//   names    auralis_NAME in base units: _ms → _seconds, _mb → _bytes, _percent → _ratio
//   kinds    what only grows is a counter, NAME_total; a latency a histogram, which adds up over stations and over time; any
//            other number a gauge. A piece's tempo and intensity are gauges, its words labels of auralis_piece_info; device and
//            version those of auralis_info
//   source   prometheus.io, Metric and label naming
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

namespace auralis {

// Of a session's merged figures, with its histograms (session_figures.h).
std::string prometheus_text(const nlohmann::json& figures, const nlohmann::json& histograms);

// Of several stations, told apart by a label; of none that has no name, such as the server itself.
struct StationText {
  std::string station;
  nlohmann::json figures;
  nlohmann::json histograms;
};
std::string prometheus_text(std::span<const StationText> stations);

}  // namespace auralis
