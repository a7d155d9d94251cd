// SPDX-License-Identifier: MIT
// Tables of harmony as YAML: those of all modes, installed as presets/harmony/modes.yaml, and a preset's own.
//   errors   Error{bad_input, "FILE:LINE: what, expected what"}; Error{environment} where none are installed
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>

#include "compose/preset/yaml_reader.h"
#include "compose/theory/harmony.h"

namespace auralis {

// One mode's: {characteristic: 4, rows: {"1": {4: 3, 7: 2}, "4 1": {6: 1}}, colours: {"1": {add9: 2}}}. The degree is
// the mode's own where it is not given.
HarmonyTable read_harmony_table(const YamlReader& reader, const YAML::Node& node, const std::string& path,
                                const Mode& mode);

// Every mode's, from the first folder of preset_directories() that has them; read once.
const HarmonyTables& installed_harmony_tables();

}  // namespace auralis
