// SPDX-License-Identifier: MIT
// The figures of a station at one moment, from its server or from what its commands wrote into the session's folder.
//   errors   Error{environment} for a server that cannot be reached or answers something else
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace auralis {

struct Snapshot {
  nlohmann::json figures;   // merged, by the names of figures/known.h
  nlohmann::json parts;     // each command's own, null where it does not run
  nlohmann::json status;    // null without a server
  nlohmann::json stations;  // by name, each one's figures; null where the server has one alone
  std::string source;       // where the figures come from
};

Snapshot snapshot_of_server(const std::string& url);
Snapshot snapshot_of_session(const std::string& session);

// The same in the Prometheus text format; of a session where there is no URL.
std::string prometheus_text_of(const std::string& url, const std::string& session);

// The commands that do not run: "auralis-compose", …
std::vector<std::string> missing_commands(const Snapshot& snapshot);

}  // namespace auralis
