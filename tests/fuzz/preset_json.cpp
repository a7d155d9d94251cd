// SPDX-License-Identifier: MIT
// Presets and tables of harmony as programs hand them over, in JSON.
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "compose/preset/preset_json.h"
#include "fuzz/harness/target.h"
#include "model/json_text.h"

namespace auralis {

AURALIS_FUZZ_TARGET(preset_json) {
  const auto json = parse_json(bytes);
  if (json.is_discarded()) return;
  try {
    const Preset preset = preset_from_json(json);
    AURALIS_CLAIM(preset_from_json(preset_json(preset)) == preset);
  } catch (const Error& error) {
    AURALIS_CLAIM(error.exit == Exit::bad_input);
  }
  const HarmonyTables tables = harmony_from_json(json);
  AURALIS_CLAIM(harmony_from_json(harmony_json(tables)) == tables);
}

}  // namespace auralis
