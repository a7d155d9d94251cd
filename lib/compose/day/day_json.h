// SPDX-License-Identifier: MIT
// A day as JSON, which its YAML form is read by, too: a list of entries, each
//   at       "22:30", a time of the day; or
//   after    "30m", from the start of the piece
//   over     "20m", which numbers take; may be missing
//   name     to listeners; may be missing
//   ...      any control, layers too; a number may be [from, to]
//   errors   ControlError, naming the field
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "compose/day/day.h"

namespace auralis {

inline constexpr size_t most_day_entries = 1000;

nlohmann::ordered_json entry_json(const DayEntry& entry);
DayEntry entry_from_json(const nlohmann::json& object);

nlohmann::ordered_json day_json(const Day& day);
Day day_from_json(const nlohmann::json& list, const std::string& path);

}  // namespace auralis
