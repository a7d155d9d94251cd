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

}  // namespace auralis
