// SPDX-License-Identifier: MIT
// A preset as YAML, there and back.
//   errors   Error{bad_input, "FILE:LINE: field, what is wrong, what was expected"}
#pragma once

#include <functional>
#include <string>

#include "compose/preset/preset.h"

namespace auralis {

// What a preset's tuning and keyboard name; Error says why there is none.
using FindTuning = std::function<Tuning(const std::string& tuning, const std::string& keyboard)>;

// Settings that are absent keep their defaults; the preset is named after the file. Without find_tuning only built-in tunings
// are known.
Preset parse_preset(const std::string& yaml, const std::string& file, const FindTuning& find_tuning = {});

// The whole preset, defaults included, as YAML that reads back to the same.
std::string preset_yaml(const Preset& preset);

}  // namespace auralis
