// SPDX-License-Identifier: MIT
// JSON from outside: the one way it is read, and shown in messages, everywhere.
//   depth   values that nest deeper than limits::json_depth are no JSON here: what walks them, down to their end, would
//           need as much of the stack
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace auralis {

// Discarded (is_discarded()) where it is no JSON.
nlohmann::json parse_json(std::string_view text);

// What is wrong with such a text: "not JSON", or "nested deeper than 64 brackets".
std::string_view why_not_json(std::string_view text);

// A value for a message: its JSON, at most 40 bytes of it.
std::string short_text(const nlohmann::json& value);

}  // namespace auralis
