// SPDX-License-Identifier: MIT
#include "compose/day/day_json.h"

#include <nlohmann/json.hpp>

#include "model/json_text.h"
#include "model/number_text.h"

namespace auralis {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr size_t longest_name = 60;

[[noreturn]] void wrong(const std::string& field, const json& value, const std::string& expected) {
  throw ControlError(field, field + " is " + short_text(value) + ", expected " + expected);
}

std::string text_of(const json& object, const char* field, const std::string& expected) {
  const json& value = object.at(field);
  if (!value.is_string()) wrong(field, value, expected);
  return value.get<std::string>();
}

double span_of(const json& object, const char* field) {
  const std::string expected = "a time such as 20m, 90s or 1h30m";
  const auto span = parse_span(text_of(object, field, expected));
  if (!span) wrong(field, object.at(field), expected);
  return *span;
}

std::string span_text(double seconds) { return number_text(seconds) + "s"; }

void read_when(const json& object, DayEntry& entry) {
  if (object.contains("at") == object.contains("after"))
    throw ControlError("at", object.contains("at")
                                 ? "at and after are both given, expected one of them"
                                 : "no at and no after, expected a time such as at: 22:30, or after: 30m");
  if (object.contains("after")) {
    entry.from = DayEntry::From::start;
    entry.at_s = span_of(object, "after");
    return;
  }
  const std::string expected = "a time of the day such as 22:30";
  const auto at = parse_time_of_day(text_of(object, "at", expected));
  if (!at) wrong("at", object.at("at"), expected);
  entry.at_s = *at;
}

// A control, of which a number may have two values.
void read_control(const std::string& name, const json& value, DayEntry& entry) {
  const auto id = find_control(name);
  if (!value.is_array() || !id || info_of(*id).kind != ControlKind::number) {
    entry.set.merge(parse_control(json{{name, value}}));
    return;
  }
  if (value.size() != 2) wrong(name, value, "a number, or two: [from, to]");
  entry.begins_at[static_cast<size_t>(*id)] = std::get<double>(parse_value(info_of(*id), value[0], name));
  entry.set[*id] = parse_value(info_of(*id), value[1], name);
}

}  // namespace

ordered_json entry_json(const DayEntry& entry) {
  ordered_json out;
  if (entry.from == DayEntry::From::midnight) {
    out["at"] = time_text(entry);
  } else {
    out["after"] = span_text(entry.at_s);
  }
  if (!entry.name.empty()) out["name"] = entry.name;
  const json fields = control_fields(entry.set);
  for (const auto& [name, value] : fields.items()) {
    const auto id = find_control(name);
    const std::optional<double> from = id ? entry.begins_at[static_cast<size_t>(*id)] : std::nullopt;
    out[name] = from ? ordered_json{*from, value} : ordered_json(value);
  }
  if (entry.over_s > 0.0) out["over"] = span_text(entry.over_s);
  return out;
}

DayEntry entry_from_json(const json& object) {
  if (!object.is_object()) throw ControlError("", "not a map, expected at or after, and controls");
  DayEntry entry;
  read_when(object, entry);
  if (object.contains("over")) entry.over_s = span_of(object, "over");
  for (const auto& [name, value] : object.items()) {
    if (name == "at" || name == "after" || name == "over") continue;
    if (name == "name") {
      entry.name = text_of(object, "name", "a text");
      if (entry.name.size() > longest_name)
        wrong("name", value, "at most " + std::to_string(longest_name) + " bytes");
    } else if (name == "id" || name == "type" || name == "t") {
      throw ControlError(name, name + " is unknown, expected a control");
    } else {
      read_control(name, value, entry);
    }
  }
  if (entry.set.empty())
    throw ControlError("at", "an entry that sets nothing, expected controls such as intensity");
  for (size_t i = 0; i < control_count; ++i) {
    if (entry.begins_at[i] && entry.over_s <= 0.0) {
      const std::string name(control_table[i].name);
      throw ControlError(name, name + " goes from one number to another, expected over: how long that takes");
    }
  }
  return entry;
}

ordered_json day_json(const Day& day) {
  ordered_json list = ordered_json::array();
  for (const DayEntry& entry : day) list.push_back(entry_json(entry));
  return list;
}

Day day_from_json(const json& list, const std::string& path) {
  if (!list.is_array() || list.size() > most_day_entries)
    wrong(path, list, "a list of at most " + std::to_string(most_day_entries) + " entries");
  Day day;
  for (const json& entry : list) day.push_back(entry_from_json(entry));
  return day;
}

}  // namespace auralis
