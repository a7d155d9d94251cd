// SPDX-License-Identifier: MIT
// Figures in the Prometheus text format.
//   names    auralis_NAME in base units: _ms → _seconds, _mb → _bytes, _percent → _ratio
//   kinds    _total is a counter, any other number a gauge; quantiles are gauges labelled `stat`; texts (device,
//            version) are labels of auralis_info
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace auralis {

std::string prometheus_text(const nlohmann::json& figures);

}  // namespace auralis
