// SPDX-License-Identifier: MIT
// A tuning of a listener's own as JSON, in a preset for programs: {name, cents, keys: {first, last, middle, reference_key,
// reference_hz, octave_degree, degrees}}, silent keys null.
//   errors   Error{bad_input, "FIELD is what it is, expected what"}
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "model/tuning.h"

namespace auralis {

nlohmann::ordered_json tuning_json(const Tuning& tuning);
Tuning tuning_from_json(const nlohmann::json& json, const std::string& path);

}  // namespace auralis
