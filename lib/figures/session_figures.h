// SPDX-License-Identifier: MIT
// The figures of a whole session, put together from what its commands wrote into its folder.
//   merged   every figure of the list by its name, null where nobody knows it; memory_mb and cpu_percent are
//            sums, uptime_s and version the server's or else the longest-lived command's
//   histograms   of latencies, by their names, since each command's start (see latency.h)
//   parts    "compose", "render", "serve" → that command's own figures, null where it does not run
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace auralis {

struct SessionFigures {
  nlohmann::json merged;
  nlohmann::json parts;
  nlohmann::json histograms;
};

// `serve`: the server's own figures where the caller has fresher ones than its file. A file that is older
// than a few seconds belongs to a command that was killed, and counts as missing; so does what is no plain file of this
// user's. An empty folder's path: no session.
SessionFigures read_session_figures(const std::filesystem::path& session_folder,
                                    const nlohmann::json& serve = {});

}  // namespace auralis
