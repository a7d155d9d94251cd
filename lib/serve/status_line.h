// SPDX-License-Identifier: MIT
// What is on, in one line for a terminal and for `systemctl status`:
//   "focus · Dm9 · 12:34 · 3 listeners · 2.4 % CPU"
// What is not known is left out.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace auralis {

// status: a station's, as in /api/status; figures: of the session, all commands together.
std::string status_line(const nlohmann::json& status, double position_s, const nlohmann::json& figures);

}  // namespace auralis
