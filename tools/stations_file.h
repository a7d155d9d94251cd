// SPDX-License-Identifier: MIT
// A list of stations as YAML: below `stations` a list, each with a name and, by their names, any options of auralis-compose
// that are about the piece, and where it is carried (icecast, hls, rtp).
//   paths    are relative to the list's folder
//   errors   Error{bad_input, "FILE:LINE: stations[N].field, what is wrong, what was expected"}; Error{environment} where
//            it cannot be read
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "serve/station_plan.h"

namespace auralis {

// `input`: the station that is there already, whose name, recording and places no other may have.
std::vector<StationPlan> read_stations(const std::filesystem::path& file,
                                       const std::optional<StationPlan>& input);

}  // namespace auralis
