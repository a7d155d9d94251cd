// SPDX-License-Identifier: MIT
// A preset as YAML, there and back.
//   errors   Error{bad_input, "FILE:LINE: field, what is wrong, what was expected"}
#pragma once

#include <string>

#include "compose/preset/preset.h"

namespace auralis {

// Settings that are absent keep their defaults; the preset is named after the file.
Preset parse_preset(const std::string& yaml, const std::string& file);

// The whole preset, defaults included, as YAML that reads back to the same.
std::string preset_yaml(const Preset& preset);

}  // namespace auralis
