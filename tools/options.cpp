// SPDX-License-Identifier: MIT
#include "options.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/session.h"
#include "base/text.h"

namespace auralis::cli {
namespace {

constexpr double longest_duration_s = 366.0 * 86400.0;
constexpr const char* seed_range = "0 to 18446744073709551615";
constexpr const char* duration_form = "such as 90s, 10m or 1h30m";

template <typename T>
std::optional<T> parse(const std::string& text) {
  T value{};
  const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = status == std::errc() && rest == text.data() + text.size();
  return whole ? std::optional(value) : std::nullopt;
}

nlohmann::json number_json(double number) {
  return number == std::floor(number) ? nlohmann::json(std::llround(number)) : nlohmann::json(number);
}

std::string range_of(const OptionInfo& option) {
  return number_json(option.min).dump() + " to " + number_json(option.max).dump();
}

std::string is_not(const std::string& text, const std::string& expected) {
  return "is \"" + text + "\", expected " + expected;
}

template <typename T>
std::string number_refusal(const OptionInfo& option, const std::string& text, const char* kind) {
  const std::optional<T> value = parse<T>(text);
  const bool fits =
      value && static_cast<double>(*value) >= option.min && static_cast<double>(*value) <= option.max;
  return fits ? "" : is_not(text, kind + (" from " + range_of(option)));
}

// A number alone could be seconds or minutes.
std::string duration_refusal(const std::string& text) {
  if (parse_duration(text)) return {};
  const bool lacks_unit = parse<double>(text).value_or(0.0) > 0.0;
  return is_not(text, lacks_unit ? "a unit: " + text + "s for seconds, or " + text + "m for minutes"
                                 : std::string("a time ") + duration_form);
}

std::string choice_refusal(const OptionInfo& option, const std::string& text) {
  if (std::ranges::find(option.choices, text) != option.choices.end()) return {};
  const std::string_view nearest = nearest_name(text, option.choices);
  return is_not(text, "one of " + join_names(option.choices)) +
         (nearest.empty() ? "" : "; the nearest is " + std::string(nearest));
}

std::string session_refusal(const std::string& text) {
  try {
    session_path(text);
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

std::string control_refusal(const OptionInfo& option, const std::string& text) {
  try {
    parse_text(*option.control, text);
    return {};
  } catch (const ControlError& error) {
    // "bpm is 200, expected …": the option's name stands before it already.
    const std::string message = error.what();
    const std::string name(option.control->name);
    return message.starts_with(name + " ") ? message.substr(name.size() + 1) : message;
  }
}

const char* kind_text(ValueKind kind) {
  constexpr const char* texts[]{"flag",    "text",    "integer", "number", "choice", "duration", "seed",
                                "session", "control", "file",    "folder", "preset", "device"};
  return texts[static_cast<size_t>(kind)];
}

nlohmann::ordered_json option_json(const OptionInfo& option) {
  nlohmann::ordered_json json{{"names", option.names},
                              {"value", option.value},
                              {"kind", kind_text(option.kind)},
                              {"help", option.help}};
  if (!option.example.empty()) json["example"] = option.example;
  if (!option.initial.empty()) json["initial"] = option.initial;
  if (option.kind == ValueKind::integer || option.kind == ValueKind::number) {
    json["min"] = number_json(option.min);
    json["max"] = number_json(option.max);
  }
  for (const std::string_view choice : option.choices) json["choices"].push_back(choice);
  if (option.repeated) json["repeated"] = true;
  if (!option.handed_to.empty()) json["handed_to"] = option.handed_to;
  return json;
}

}  // namespace

std::string_view OptionInfo::name() const {
  const size_t comma = names.rfind(',');
  return std::string_view(names).substr(comma == std::string::npos ? 0 : comma + 1);
}

void add_tuning(std::vector<OptionInfo>& options, const char* group) {
  options.push_back(
      {.names = "--tuning",
       .value = "NAME|FILE",
       .kind = ValueKind::file,
       .help = "Which pitch each key sounds at: equal, just, another of the built-in tunings, or FILE.scl",
       .example = "just",
       .initial = "equal",
       .group = group});
  options.push_back({.names = "--keyboard",
                     .value = "FILE",
                     .kind = ValueKind::file,
                     .help = "Which key plays which tone of the tuning, FILE.kbm",
                     .example = "white.kbm",
                     .group = group});
}

bool takes_files(const ControlInfo& info) {
  return info.kind == ControlKind::preset || info.kind == ControlKind::tuning;
}

std::vector<OptionInfo> joined(const std::vector<std::vector<OptionInfo>>& groups) {
  std::vector<OptionInfo> all;
  for (const std::vector<OptionInfo>& group : groups) all.insert(all.end(), group.begin(), group.end());
  return all;
}

std::string expected_value(const OptionInfo& option) {
  switch (option.kind) {
    case ValueKind::integer:
    case ValueKind::number:
      return range_of(option);
    case ValueKind::choice:
      return "one of " + join_names(option.choices);
    case ValueKind::seed:
      return seed_range;
    case ValueKind::duration:
      return duration_form;
    case ValueKind::control:
      return auralis::expected_value(*option.control);
    default:
      return {};
  }
}

std::string refusal(const OptionInfo& option, const std::string& text) {
  switch (option.kind) {
    case ValueKind::integer:
      return number_refusal<int64_t>(option, text, "a whole number");
    case ValueKind::number:
      return number_refusal<double>(option, text, "a number");
    case ValueKind::choice:
      return choice_refusal(option, text);
    case ValueKind::seed:
      return parse<uint64_t>(text) ? "" : is_not(text, std::string("a whole number from ") + seed_range);
    case ValueKind::duration:
      return duration_refusal(text);
    case ValueKind::session:
      return session_refusal(text);
    case ValueKind::control:
      return control_refusal(option, text);
    case ValueKind::file:
    case ValueKind::folder:
    case ValueKind::preset:
      return text.empty() ? is_not(text, "a name") : "";
    default:
      return {};
  }
}

std::optional<double> parse_duration(const std::string& text) {
  double total = 0.0;
  const char* at = text.data();
  const char* end = at + text.size();
  if (at == end) return std::nullopt;
  while (at < end) {
    double value = 0.0;
    const auto [rest, status] = std::from_chars(at, end, value, std::chars_format::fixed);
    if (status != std::errc() || !(value >= 0.0)) return std::nullopt;
    at = rest;
    const char unit = at < end ? *at++ : '\0';
    if (unit == 'h') {
      total += value * 3600.0;
    } else if (unit == 'm') {
      total += value * 60.0;
    } else if (unit == 's') {
      total += value;
    } else {
      return std::nullopt;
    }
  }
  const bool fits = std::isfinite(total) && total > 0.0 && total <= longest_duration_s;
  return fits ? std::optional(total) : std::nullopt;
}

const std::vector<CommandInfo>& all_commands() {
  static const std::vector<CommandInfo> all{compose_command(), render_command(), serve_command(),
                                            stats_command(), play_command()};
  return all;
}

std::vector<OptionInfo> common_options(const CommandInfo& command) {
  std::vector<OptionInfo> options{
      {.names = "-q,--quiet", .kind = ValueKind::flag, .help = "Show errors only"},
      {.names = "-v,--verbose", .kind = ValueKind::flag, .help = "Show more detail", .excludes = "--quiet"},
      {.names = "--version", .kind = ValueKind::flag, .help = "Print the version"}};
  if (command.subcommands.empty()) {
    options.push_back(
        {.names = "--config",
         .value = "FILE",
         .kind = ValueKind::file,
         .help = "Take what is not said here from this file, and from no other; see auralis.conf(5)",
         .example = "evening.conf"});
  }
  return options;
}

nlohmann::ordered_json table_json(const CommandInfo& command) {
  nlohmann::ordered_json json{
      {"name", command.name}, {"examples", command.examples}, {"summary", command.summary}};
  json["options"] = nlohmann::ordered_json::array();
  for (const OptionInfo& option : command.options) json["options"].push_back(option_json(option));
  for (const CommandInfo& subcommand : command.subcommands)
    json["subcommands"].push_back(table_json(subcommand));
  return json;
}

}  // namespace auralis::cli
