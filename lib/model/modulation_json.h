// SPDX-License-Identifier: MIT
// Routes of modulation as JSON, in presets and in events: an array of {param, source, depth, period_s, own}.
//   preset   a name that is not known is an error; arcs are allowed
//   stream   a route with a parameter or a source that this version does not know is left out, and other fields are passed
//            over, as of a later version; arcs are the composer's, and refused
//   errors   Error{bad_input, "PATH[1].depth is 20, expected -10 to 10 octaves"}
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "model/modulation.h"

namespace auralis {

enum class RoutesOf { preset, stream };

nlohmann::ordered_json modulation_json(const Modulation& modulation);
Modulation modulation_from_json(const nlohmann::json& routes, const std::string& path, RoutesOf of);

// What is said of more than limits::routes.
std::string too_many_routes(size_t count);

}  // namespace auralis
