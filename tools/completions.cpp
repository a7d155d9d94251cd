// SPDX-License-Identifier: MIT
#include "completions.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "model/music.h"

namespace auralis::cli {
namespace {

constexpr const char* devices = "auto cpu cuda mps units";
constexpr const char* list_presets = "auralis-compose --list-presets 2>/dev/null | cut -d\" \" -f1";

// What may stand for a value.
enum class Source { nothing, words, presets, files, folders };

struct Values {
  Source source = Source::nothing;
  std::string words{};
};

std::string spaced(std::span<const std::string_view> words) {
  std::string all;
  for (const std::string_view word : words) all += (all.empty() ? "" : " ") + std::string(word);
  return all;
}

Values values_of(const OptionInfo& option) {
  switch (option.kind) {
    case ValueKind::choice:
      return {Source::words, spaced(option.choices)};
    case ValueKind::device:
      return {Source::words, devices};
    case ValueKind::control:
      if (option.control->kind == ControlKind::key) return {Source::words, spaced(key_names())};
      if (option.control->kind == ControlKind::mode) return {Source::words, spaced(mode_names())};
      return {};
    case ValueKind::preset:
      return {Source::presets};
    case ValueKind::file:
      return {Source::files};
    case ValueKind::folder:
      return {Source::folders};
    default:
      return {};
  }
}

std::vector<std::string> names_of(const OptionInfo& option) {
  std::vector<std::string> names;
  for (size_t begin = 0; begin <= option.names.size();) {
    const size_t comma = std::min(option.names.find(',', begin), option.names.size());
    names.push_back(option.names.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return names;
}

// whole: the command itself, or that whose subcommand it is.
std::vector<OptionInfo> options_of(const CommandInfo& command, const CommandInfo& whole) {
  std::vector<OptionInfo> options = command.options;
  for (OptionInfo& common : common_options(whole)) options.push_back(std::move(common));
  options.push_back({.names = "-h,--help", .kind = ValueKind::flag, .help = "Print the options"});
  return options;
}

std::string identifier(const CommandInfo& command) {
  std::string name = "_" + command.name;
  std::ranges::replace(name, '-', '_');
  return name;
}

// In single quotes of a shell.
std::string quoted(std::string_view text, std::string_view quote_in_quotes) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string(quote_in_quotes) : std::string(1, c);
  return out + "'";
}

std::string bash_values(const Values& values) {
  switch (values.source) {
    case Source::words:
      return "COMPREPLY=($(compgen -W " + quoted(values.words, "'\\''") + " -- \"$cur\"))";
    case Source::presets:
      return std::string("COMPREPLY=($(compgen -W \"$(") + list_presets +
             ")\" -- \"$cur\") $(compgen -f -X '!*.yaml' -- \"$cur\"))";
    case Source::files:
      return "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$cur\"))";
    case Source::folders:
      return "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- \"$cur\"))";
    default:
      return "COMPREPLY=()";
  }
}

// What completes one command, or one subcommand, whose words begin behind its name.
std::string bash_body(const CommandInfo& command, const CommandInfo& whole) {
  std::string cases;
  std::string names;
  std::string operand;
  for (const OptionInfo& option : options_of(command, whole)) {
    if (option.is_operand()) {
      operand = bash_values(values_of(option));
      continue;
    }
    std::string pattern;
    for (const std::string& name : names_of(option)) {
      names += (names.empty() ? "" : " ") + name;
      pattern += (pattern.empty() ? "" : " | ") + name;
    }
    if (option.value.empty() || option.value_may_be_left_out()) continue;
    cases += "    " + pattern + ") " + bash_values(values_of(option)) + "; return ;;\n";
  }
  for (const CommandInfo& subcommand : command.subcommands) names += " " + subcommand.name;
  if (operand.empty()) operand = "COMPREPLY=($(compgen -W " + quoted(names, "'\\''") + " -- \"$cur\"))";
  return "  case $prev in\n" + cases + "  esac\n  if [[ $cur == -* ]]; then\n    COMPREPLY=($(compgen -W '" +
         names + "' -- \"$cur\"))\n  else\n    " + operand + "\n  fi\n";
}

std::string zsh_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return out;
}

std::string zsh_action(const Values& values) {
  switch (values.source) {
    case Source::words:
      return "(" + values.words + ")";
    case Source::presets:
      return std::string("{_values preset ${(f)\"$(") + list_presets + ")\"}; _files -g \"*.yaml\"}";
    case Source::files:
      return "_files";
    case Source::folders:
      return "_files -/";
    default:
      return " ";
  }
}

std::string zsh_arguments(const CommandInfo& command, const CommandInfo& whole) {
  std::string specs;
  for (const OptionInfo& option : options_of(command, whole)) {
    const std::string action = ":" + zsh_escaped(option.value) + ":" + zsh_action(values_of(option));
    if (option.is_operand()) {
      specs += " \\\n    '" + std::string(option.repeated ? "*" : "") + action + "'";
      continue;
    }
    const std::vector<std::string> names = names_of(option);
    const std::string all = spaced(std::vector<std::string_view>(names.begin(), names.end()));
    for (const std::string& name : names) {
      const bool takes_value = !option.value.empty();
      specs += " \\\n    '" + (option.repeated ? "*" : "(" + all + ")") + name +
               (takes_value && name.starts_with("--") ? "=" : "") + "[" + zsh_escaped(option.help) + "]" +
               (takes_value ? (option.value_may_be_left_out() ? ":" : "") + action : "") + "'";
    }
  }
  return "  _arguments -s -S" + specs + "\n";
}

std::string fish_line(const CommandInfo& command, const OptionInfo& option, const std::string& condition) {
  const auto quote = [](std::string_view text) { return quoted(text, "\\'"); };
  std::string line = "complete -c " + command.name + condition;
  if (!option.is_operand()) {
    for (const std::string& name : names_of(option))
      line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    line += " -d " + quote(option.help);
  }
  const Values values = values_of(option);
  const bool takes_value = !option.value.empty() && !option.value_may_be_left_out() && !option.is_operand();
  const std::string required = option.is_operand() ? "" : " -r";
  switch (values.source) {
    case Source::words:
      return line + " -x -a " + quote(values.words) + "\n";
    case Source::presets:
      return line + required + " -f -a " +
             quote("(" + std::string(list_presets) + "; __fish_complete_suffix .yaml)") + "\n";
    case Source::files:
      return line + required + " -F\n";
    case Source::folders:
      return line + required + " -f -a " + quote("(__fish_complete_directories)") + "\n";
    default:
      return line + (takes_value ? " -x" : "") + "\n";
  }
}

}  // namespace

std::string bash_completion(const CommandInfo& command) {
  const std::string name = identifier(command);
  std::string text =
      "# bash completion for " + command.name + "\n" + name +
      "() {\n  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  # bash takes --name=value for three words\n"
      "  if [[ $cur == = ]]; then cur=''; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n";
  for (const CommandInfo& subcommand : command.subcommands) {
    text += "  if [[ \" ${COMP_WORDS[*]:1:COMP_CWORD-1} \" == *' " + subcommand.name + " '* ]]; then\n" +
            bash_body(subcommand, command) + "  return\n  fi\n";
  }
  return text + bash_body(command, command) + "}\ncomplete -F " + name + " " + command.name + "\n";
}

std::string zsh_completion(const CommandInfo& command) {
  std::string text = "#compdef " + command.name + "\n";
  if (command.subcommands.empty()) return text + zsh_arguments(command, command);
  text += "case ${words[2]} in\n";
  std::string names;
  for (const CommandInfo& subcommand : command.subcommands) {
    names += (names.empty() ? "" : " ") + subcommand.name;
    text += subcommand.name + ")\n  words=(${words[2,-1]}); ((CURRENT--))\n" +
            zsh_arguments(subcommand, command) + "  ;;\n";
  }
  return text + "*)\n  ((CURRENT == 2)) && compadd " + names + "\n" + zsh_arguments(command, command) +
         "  ;;\nesac\n";
}

std::string fish_completion(const CommandInfo& command) {
  std::string text = "# fish completion for " + command.name + "\n";
  if (!command.subcommands.empty()) text += "complete -c " + command.name + " -f\n";
  for (const OptionInfo& option : options_of(command, command)) text += fish_line(command, option, "");
  for (const CommandInfo& subcommand : command.subcommands) {
    text += "complete -c " + command.name + " -n __fish_use_subcommand -a " + subcommand.name + " -d " +
            quoted(subcommand.summary, "\\'") + "\n";
    for (const OptionInfo& option : subcommand.options)
      text += fish_line(command, option, " -n '__fish_seen_subcommand_from " + subcommand.name + "'");
  }
  return text;
}

}  // namespace auralis::cli
