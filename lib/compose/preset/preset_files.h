// SPDX-License-Identifier: MIT
// Presets as files, found by name.
//   lookup   a path (anything with a slash or ending in .yaml or .yml), then $XDG_CONFIG_HOME/auralis/presets (or
//            ~/.config/auralis/presets), then share/auralis/presets beside the program's bin directory. Names may be in
//            capitals, and with spaces for hyphens
//   errors   Error{bad_input} as of preset_yaml.h; Error{usage} for a name that is not found
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "compose/preset/preset.h"

namespace auralis {

struct PresetInfo {
  std::string name;
  std::string title;
  std::string description;
  std::string group;
};
// All that can be found by name, sorted by group and name; a listener's own hides the installed one of the same name.
std::vector<PresetInfo> list_presets();

// The same as JSON: [{name, title, description, group}].
nlohmann::json preset_list_json();

Preset load_preset(const std::string& name_or_file);

// The directories presets are looked for in, first to last.
std::vector<std::string> preset_directories();

// The first of them that has a file of that name; one that cannot be looked into is warned of, once.
std::optional<std::filesystem::path> find_preset_file(const std::string& name);

}  // namespace auralis
