// SPDX-License-Identifier: MIT
// Figures as one line for people and for those who search logs: key=value, rounded to three digits, with units:
//   "buffer_depth=812ms synthesis_latency_p50=0.41ms clients=3 bytes_sent_total=12.3MB cpu=2.4% memory=40.1MB"
// What nobody knows, and what never happened, is left out; what an operator looks for first comes first.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace auralis {

std::string figures_line(const nlohmann::json& figures);

}  // namespace auralis
