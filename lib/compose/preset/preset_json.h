// SPDX-License-Identifier: MIT
// Presets and tables of harmony as JSON, there and back: how they reach an engine that reads no files. The names and
// their nesting are those of the YAML form.
//   errors   Error{bad_input, "FIELD is what it is, expected what"}
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "compose/preset/preset.h"
#include "compose/theory/harmony.h"

namespace auralis {

// Whole, defaults included, with its name.
nlohmann::ordered_json preset_json(const Preset& preset);
// Settings that are absent keep their defaults.
Preset preset_from_json(const nlohmann::json& json);

// By the mode's name.
nlohmann::ordered_json harmony_json(const HarmonyTables& tables);
HarmonyTables harmony_from_json(const nlohmann::json& json);

}  // namespace auralis
