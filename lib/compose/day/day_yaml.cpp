// SPDX-License-Identifier: MIT
#include "compose/day/day_yaml.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/io.h"
#include "base/text.h"
#include "compose/day/day_json.h"
#include "compose/preset/preset_files.h"
#include "compose/tuning/tuning_files.h"
#include "model/limits.h"

namespace auralis {
namespace {

using nlohmann::json;

constexpr int most_levels = 4;  // of an entry: layers, their names, what they set

// A number where it reads as one, a flag, else a text.
json scalar_json(const YAML::Node& node) {
  const std::string text = valid_utf8(node.Scalar());
  const bool is_quoted = node.Tag() == "!";
  if (const auto number = parse_number(text); number && !is_quoted) return *number;
  if (!is_quoted && (text == "true" || text == "false")) return text == "true";
  return text;
}

json value_json(const YamlReader& reader, const YAML::Node& node, const std::string& path, int levels) {
  if (node.IsScalar()) return scalar_json(node);
  if (levels == 0 || node.IsNull())
    reader.fail(node, path + " has no value that is known, expected a number or a name");
  json out = node.IsMap() ? json::object() : json::array();
  if (node.IsMap()) {
    reader.each(node, path, [&](const YAML::Node&, const std::string& key, const YAML::Node& value) {
      out[valid_utf8(key)] = value_json(reader, value, path + "." + key, levels - 1);
    });
  } else {
    if (node.size() > most_day_entries) reader.fail(node, path + " is a long list, expected [from, to]");
    reader.each_item(node, path, [&](const YAML::Node& item, const std::string& here) {
      out.push_back(value_json(reader, item, here, levels - 1));
    });
  }
  return out;
}

// Times and names are texts, however they look.
bool is_text(std::string_view field) {
  static constexpr std::array<std::string_view, 8> texts{"at",  "after", "over",   "name",
                                                         "key", "mode",  "preset", "tuning"};
  return std::ranges::find(texts, field) != texts.end();
}

}  // namespace

void check_names(const DayEntry& entry) {
  const auto check = [](const char* field, const auto& find) {
    try {
      find();
    } catch (const Error& error) {
      throw ControlError(field, std::string(field) + ": " + error.what());
    }
  };
  if (const std::string* preset = entry.set.text(ControlId::preset))
    check("preset", [&] { load_preset(*preset); });
  if (const std::string* tuning = entry.set.text(ControlId::tuning))
    check("tuning", [&] { find_tuning_by_name(*tuning); });
}

Day read_day(const YamlReader& reader, const YAML::Node& list, const std::string& path,
             const CheckEntry& check) {
  Day day;
  if (list.IsSequence() && list.size() > most_day_entries) {
    reader.fail(list, path + " has " + std::to_string(list.size()) + " entries, expected at most " +
                          std::to_string(most_day_entries));
  }
  reader.each_item(list, path, [&](const YAML::Node& item, const std::string& here) {
    json object = json::object();
    std::map<std::string, YAML::Node> fields;
    reader.each(item, here, [&](const YAML::Node& at, const std::string& key, const YAML::Node& value) {
      const std::string name = valid_utf8(key);
      object[name] = is_text(key) && value.IsScalar()
                         ? json(valid_utf8(value.Scalar()))
                         : value_json(reader, value, here + "." + key, most_levels);
      fields.emplace(name, at);
    });
    try {
      day.push_back(entry_from_json(object));
      if (check) check(day.back());
    } catch (const ControlError& error) {
      const auto field = fields.find(error.field.substr(0, error.field.find('.')));
      reader.fail(field == fields.end() ? item : field->second, here + ": " + error.what());
    }
  });
  return day;
}

Day parse_schedule(const std::string& yaml, const std::string& file, const CheckEntry& check) {
  static constexpr std::array<std::string_view, 1> known{"day"};
  const YamlReader reader{file};
  Day day;
  reader.each(reader.parse(yaml), "",
              [&](const YAML::Node& at, const std::string& key, const YAML::Node& value) {
                if (key != known[0]) reader.unknown(at, "", key, known);
                day = read_day(reader, value, key, check);
              });
  if (day.empty()) throw Error::at(file, 1, "a day without entries, expected day: and a list below it");
  return day;
}

Day load_schedule(const std::string& file) {
  return parse_schedule(read_file(file, limits::preset_bytes, "a schedule"), file, check_names);
}

}  // namespace auralis
