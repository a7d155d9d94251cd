// SPDX-License-Identifier: MIT
#include "model/json_text.h"

#include <nlohmann/json.hpp>
#include <string>

#include "base/text.h"
#include "model/limits.h"

namespace auralis {

using nlohmann::json;

json parse_json(std::string_view text) {
  if (nests_deeper(text, limits::json_depth)) return json(json::value_t::discarded);
  return json::parse(text, nullptr, false);
}

std::string_view why_not_json(std::string_view text) {
  static const std::string too_deep =
      "nested deeper than " + std::to_string(limits::json_depth) + " brackets";
  return nests_deeper(text, limits::json_depth) ? std::string_view(too_deep) : "not JSON";
}

std::string short_text(const json& value) {
  constexpr size_t most_bytes = 40;
  constexpr std::string_view more = "...";
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > most_bytes) text = std::string(first_bytes(text, most_bytes - more.size())).append(more);
  return text;
}

}  // namespace auralis
