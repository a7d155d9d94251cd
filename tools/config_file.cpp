// SPDX-License-Identifier: MIT
#include "config_file.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/io.h"
#include "base/text.h"

namespace auralis::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* system_file = "/etc/auralis/auralis.conf";
constexpr size_t most_bytes = size_t{1} << 20;
constexpr std::string_view prefix = "auralis-";

// What one call does, and not how all of them behave.
constexpr std::array<std::string_view, 14> of_one_call{
    "--version",     "--help",  "--config",       "--output", "--report", "--profile", "--list-presets",
    "--show-preset", "--check", "--list-devices", "--json",   "--raw",    "--stems",   "--control-log"};

// Those that read settings, with all of their options.
const std::vector<CommandInfo>& commands() {
  static const std::vector<CommandInfo> all = [] {
    std::vector<CommandInfo> made = all_commands();
    std::erase_if(made, [](const CommandInfo& command) { return !command.subcommands.empty(); });
    for (CommandInfo& command : made) {
      for (OptionInfo& common : common_options(command)) command.options.push_back(std::move(common));
    }
    return made;
  }();
  return all;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r";
  const size_t begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

std::string_view unquoted(std::string_view text) {
  const bool quoted =
      text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

const OptionInfo* find_option(const CommandInfo& command, std::string_view name) {
  const auto found = std::ranges::find_if(command.options, [name](const OptionInfo& option) {
    return option.name() == name || (!option.alias.empty() && option.alias == name);
  });
  return found != command.options.end() ? &*found : nullptr;
}

std::optional<bool> yes_or_no(std::string_view text) {
  for (const std::string_view yes : {"yes", "true", "on", "1"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"no", "false", "off", "0"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

class Reader {
 public:
  Reader(const fs::path& file, const CommandInfo& command) : file_(file.string()), command_(command) {}

  std::vector<Setting> read() {
    std::istringstream text{std::string(without_byte_order_mark(read_file(file_, most_bytes, "settings")))};
    for (std::string line; std::getline(text, line);) {
      ++line_;
      read_line(trimmed(line));
    }
    return std::move(settings_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const { throw Error::at(file_, line_, what); }

  void read_line(std::string_view line) {
    if (line.empty() || line.front() == '#' || line.front() == ';') return;
    if (line.front() == '[') return begin_section(line);
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos)
      refuse("\"" + std::string(line) + "\" has no \"=\", expected NAME = VALUE, such as preset = sleep");
    std::string name(trimmed(line.substr(0, equals)));
    while (name.starts_with('-')) name.erase(0, 1);
    take("--" + name, std::string(unquoted(trimmed(line.substr(equals + 1)))));
  }

  void begin_section(std::string_view line) {
    std::string name(trimmed(line.substr(1, line.find(']') - 1)));
    if (!name.starts_with(prefix)) name = std::string(prefix) + name;
    std::vector<std::string_view> names;
    for (const CommandInfo& command : commands()) names.push_back(command.name);
    if (std::ranges::find(names, name) == names.end())
      refuse("[" + name + "] is unknown, expected " + expected_name(name, names));
    section_ = name;
  }

  void take(const std::string& name, const std::string& value) {
    check_name(name);
    check_value(name, value);
    const OptionInfo* option = find_option(command_, name);
    if (option != nullptr && is_meant(*option)) settings_.push_back({option, value});
  }

  bool is_in_section(const CommandInfo& command) const {
    return section_.empty() || section_ == command.name;
  }

  // What starts the others takes what is said to them.
  bool is_meant(const OptionInfo& option) const {
    return is_in_section(command_) || std::ranges::find(option.handed_to, section_) != option.handed_to.end();
  }

  void check_name(const std::string& name) const {
    if (std::ranges::find(of_one_call, name) != of_one_call.end())
      refuse(name.substr(2) + " is for the command line alone");
    std::vector<std::string> known;
    for (const CommandInfo& command : commands()) {
      if (!is_in_section(command)) continue;
      if (find_option(command, name) != nullptr) return;
      for (const OptionInfo& option : command.options) {
        const bool is_of_file = std::ranges::find(of_one_call, option.name()) == of_one_call.end();
        if (!option.is_operand() && is_of_file) known.emplace_back(option.name().substr(2));
      }
    }
    for (const CommandInfo& command : commands()) {
      if (find_option(command, name) != nullptr)
        refuse(name.substr(2) + " is none of " + section_ + ", it belongs to " + command.name);
    }
    const std::vector<std::string_view> names(known.begin(), known.end());
    const std::string_view nearest = nearest_name(std::string_view(name).substr(2), names);
    refuse(name.substr(2) + " is unknown, expected " +
           (nearest.empty()
                ? "the name of an option " + (section_.empty() ? "of a command" : "of " + section_)
                : std::string(nearest)));
  }

  // Commands may have different options of one name: this one's counts, or else any that takes it.
  void check_value(const std::string& name, const std::string& value) const {
    std::string why;
    const OptionInfo* own = is_in_section(command_) ? find_option(command_, name) : nullptr;
    for (const CommandInfo& command : commands()) {
      const OptionInfo* option = own != nullptr           ? own
                                 : is_in_section(command) ? find_option(command, name)
                                                          : nullptr;
      if (option == nullptr) continue;
      why = refused(*option, value);
      if (why.empty()) return;
    }
    refuse(name.substr(2) + " " + why);
  }

  static std::string refused(const OptionInfo& option, const std::string& value) {
    if (option.kind != ValueKind::flag) return refusal(option, value);
    return yes_or_no(value) ? "" : "is \"" + value + "\", expected yes or no";
  }

  std::string file_;
  const CommandInfo& command_;
  std::string section_;  // the command's name; empty: for all
  long line_ = 0;
  std::vector<Setting> settings_;
};

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::vector<Setting> read_settings(const fs::path& file, const CommandInfo& command) {
  return Reader(file, command).read();
}

std::vector<fs::path> config_files() {
  std::vector<fs::path> files{system_file};
  const char* config = std::getenv("XDG_CONFIG_HOME");
  const char* home = std::getenv("HOME");
  if (config != nullptr && *config == '/') {
    files.push_back(fs::path(config) / "auralis/auralis.conf");
  } else if (home != nullptr && *home == '/') {
    files.push_back(fs::path(home) / ".config/auralis/auralis.conf");
  }
  std::erase_if(files, [](const fs::path& file) {
    std::error_code none;
    return !fs::exists(file, none);
  });
  return files;
}

std::vector<std::string> words_of_settings(const std::vector<Setting>& settings, const CommandInfo& command,
                                           const std::vector<std::string>& typed_options) {
  std::vector<std::string> all = typed_options;
  for (const Setting& setting : settings) all.emplace_back(setting.option->name());
  const auto is_typed = [&typed_options](std::string_view name) { return holds(typed_options, name); };
  const auto is_excluded = [&](const OptionInfo& option) {
    return is_typed(option.excludes) || std::ranges::any_of(typed_options, [&](const std::string& typed) {
             const OptionInfo* other = find_option(command, typed);
             return other != nullptr && other->excludes == option.name();
           });
  };
  std::vector<std::string> words;
  for (auto setting = settings.begin(); setting != settings.end(); ++setting) {
    const OptionInfo& option = *setting->option;
    const std::string name(option.name());
    const bool lacks = !option.needs.empty() && !holds(all, option.needs);
    const bool is_overruled =
        !option.repeated && std::any_of(setting + 1, settings.end(),
                                        [&option](const Setting& later) { return later.option == &option; });
    if (is_typed(name) || is_excluded(option) || lacks || is_overruled) continue;
    if (option.kind != ValueKind::flag) {
      words.push_back(name + "=" + setting->value);
    } else if (*yes_or_no(setting->value)) {
      words.push_back(name);
    }
  }
  return words;
}

}  // namespace auralis::cli
