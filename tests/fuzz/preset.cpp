// SPDX-License-Identifier: MIT
// Presets as people write them, in YAML.
#include <nlohmann/json.hpp>
#include <string>

#include "compose/preset/preset_json.h"
#include "compose/preset/preset_yaml.h"
#include "fuzz/harness/target.h"

namespace auralis {

AURALIS_FUZZ_TARGET(preset) {
  const Preset preset = parse_preset(std::string(bytes), "my.yaml");
  AURALIS_CLAIM(parse_preset(preset_yaml(preset), "my.yaml") == preset);
  AURALIS_CLAIM(preset_from_json(preset_json(preset)) == preset);
}

}  // namespace auralis
