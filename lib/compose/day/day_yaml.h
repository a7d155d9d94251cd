// SPDX-License-Identifier: MIT
// A day as YAML: the list `day` of a preset, or of a file of its own. What an entry says see day_json.h.
//   errors   Error{bad_input, "FILE:LINE: day[1].intensity is 2, expected ..."}
#pragma once

#include <functional>
#include <string>

#include "compose/day/day.h"
#include "compose/preset/yaml_reader.h"

namespace auralis {

// Throws where a preset or a tuning that is named is not there.
using CheckEntry = std::function<void(const DayEntry& entry)>;

Day read_day(const YamlReader& reader, const YAML::Node& list, const std::string& path,
             const CheckEntry& check = {});

// That presets and tunings are there, by ControlError.
void check_names(const DayEntry& entry);

// A whole file.
Day parse_schedule(const std::string& yaml, const std::string& file, const CheckEntry& check = {});
Day load_schedule(const std::string& file);

}  // namespace auralis
