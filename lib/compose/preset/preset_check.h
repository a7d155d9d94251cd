// SPDX-License-Identifier: MIT
// All that is wrong with a preset at once, each "FILE:LINE: field, what is wrong, what was expected"; empty where nothing is.
#pragma once

#include <string>
#include <vector>

#include "compose/preset/preset_yaml.h"

namespace auralis {

std::vector<std::string> preset_faults(const std::string& yaml, const std::string& file,
                                       const FindTuning& find_tuning = {});

// Of a name or a file; Error as load_preset() where there is none.
std::vector<std::string> check_preset(const std::string& name_or_file);

}  // namespace auralis
