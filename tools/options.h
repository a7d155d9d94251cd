// SPDX-License-Identifier: MIT
// The option table: what may be said to a command, with everything that is said of it anywhere. Parsing, `--help`, the
// check of the manual pages and completions derive from it.
//   names     "-o,--output"; without a dash it is an operand, such as "INPUT"
//   alias     what others call it, "--tempo": taken for it, and told nowhere
//   value     what stands for the value in texts, "FILE"; empty for a flag, "[S]" where it may be left out
//   initial   the default, as it would be typed; empty where there is none
//   example   one value, as it would be typed: a valid one
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/control.h"

namespace auralis::cli {

enum class ValueKind {
  flag,
  text,
  integer,   // from min to max
  number,    // from min to max
  choice,    // one of choices
  duration,  // 90s, 1.5m, 1h30m
  seed,      // any 64-bit number
  session,   // a folder's name
  control,   // as the control table says
  file,
  folder,
  preset,  // a preset's name or a YAML file
  device,
};

struct OptionInfo {
  std::string names{};
  std::string alias{};
  std::string value{};
  ValueKind kind = ValueKind::text;
  std::string help{};  // what it is for; ranges, choices and the default are added to it
  std::string example{};
  std::string initial{};
  double min = 0.0;
  double max = 0.0;
  std::span<const std::string_view> choices{};
  const ControlInfo* control = nullptr;
  bool repeated = false;  // may be given more than once; of an operand: several
  bool required = false;
  bool written = false;                  // a file that is made, and so none that another option names
  std::string needs{};                   // another option, without which it makes no sense
  std::string excludes{};                // another option
  std::string group{};                   // its heading in `--help`
  std::vector<std::string> handed_to{};  // the commands whose option it is, where it is only handed on

  bool is_operand() const { return names.front() != '-'; }
  bool value_may_be_left_out() const { return value.starts_with('['); }
  // "--output", "INPUT": the last of its names.
  std::string_view name() const;
};

struct CommandInfo {
  std::string name;  // "auralis-render"; of a subcommand "audio"
  std::vector<std::string> examples;
  std::string summary;  // one sentence
  std::vector<OptionInfo> options;
  std::vector<CommandInfo> subcommands{};
};

CommandInfo compose_command();
CommandInfo render_command();
CommandInfo serve_command();
CommandInfo stats_command();
// What the options of the first three become where all of them are started together.
CommandInfo play_command();
// All of these, in this order.
const std::vector<CommandInfo>& all_commands();
// -q, -v, --version, and but for a command with subcommands --config.
std::vector<OptionInfo> common_options(const CommandInfo& command);

// --tuning and --keyboard.
void add_tuning(std::vector<OptionInfo>& options, const char* group);

// Of a control whose option takes files, too: a preset, a tuning.
bool takes_files(const ControlInfo& info);

// A command's options, heading after heading.
std::vector<OptionInfo> joined(const std::vector<std::vector<OptionInfo>>& groups);

// "22050 to 192000", "s16, s24 or f32": what may stand there, empty where anything may.
std::string expected_value(const OptionInfo& option);
// What is wrong with a value, empty where nothing is: `is "s17", expected one of s16, s24, f32; the nearest is s16`.
std::string refusal(const OptionInfo& option, const std::string& text);

// "90s", "1.5m", "2h", "1h30m" → seconds; nullopt for anything else, for 0 and for more than a year.
std::optional<double> parse_duration(const std::string& text);

// A command's table, subcommands included, for the generators of completions and the check of the manual pages.
nlohmann::ordered_json table_json(const CommandInfo& command);

}  // namespace auralis::cli
