// SPDX-License-Identifier: MIT
#include "cli.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cassert>
#include <cerrno>
#include <filesystem>
#include <new>
#include <set>
#include <sstream>
#include <utility>

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "config_file.h"
#include "mistakes.h"

namespace auralis::cli {
namespace {

constexpr size_t help_column = 34;
constexpr const char* config_option = "--config";

std::string description_of(const CommandInfo& command, bool is_subcommand) {
  if (is_subcommand) return command.summary;
  std::string text;
  for (const std::string& example : command.examples)
    text += (text.empty() ? "Example: " : "\n         ") + example;
  return text + "\n\n" + command.summary;
}

std::string help_of(const OptionInfo& option) {
  const std::string expected = expected_value(option);
  const bool said = expected.empty() || option.help.find(expected) != std::string::npos;
  return option.help + (said ? "" : "; " + expected);
}

int refuse_usage(const CLI::App& app, const std::string& message) {
  log(LogLevel::error, message + " (" + app.get_name() + " --help lists the options)");
  return static_cast<int>(Exit::usage);
}

// What the body throws, as an exit status.
int run_guarded(const std::function<void()>& body) {
  try {
    body();
    show_progress("");
    return static_cast<int>(Exit::done);
  } catch (const ClosedPipe&) {
    show_progress("");
    return static_cast<int>(Exit::done);
  } catch (const Error& error) {
    show_progress("");
    log(LogLevel::error, error.what());
    return static_cast<int>(error.exit);
  } catch (const std::bad_alloc&) {
    show_progress("");
    const Error error = Error::out_of_memory();
    log(LogLevel::error, error.what());
    return static_cast<int>(error.exit);
  } catch (const std::exception& error) {
    show_progress("");
    log(LogLevel::error, first_line(error.what()));  // LibTorch adds pages about its own source
    return static_cast<int>(Exit::environment);
  }
}

int show_help(const CLI::App& app, const CLI::ParseError& request) {
  std::ostringstream text;
  app.exit(request, text);
  return run_guarded([&] { write_all(STDOUT_FILENO, text.str(), "<stdout>"); });
}

}  // namespace

struct Command::Impl {
  CLI::App* app = nullptr;
  std::unique_ptr<CLI::App> owned;  // of the command itself
  bool quiet = false;
  bool verbose = false;
  std::set<std::string, std::less<>> bound;
  std::vector<std::unique_ptr<Command>> subcommands;

  CLI::Option* option(std::string_view name) const { return app->get_option(std::string(name)); }

  // What all kinds of options share.
  void finish(CLI::Option* option, const OptionInfo& info) {
    if (!info.group.empty()) option->group(info.group);
    if (info.required) option->required();
    bound.emplace(info.name());
  }
  CLI::Option* add(const OptionInfo& info, std::function<void(const std::string&)> set) {
    CLI::Option* option = app->add_option_function<std::string>(info.names, std::move(set), help_of(info));
    return take_value(option, info);
  }
  CLI::Option* take_value(CLI::Option* option, const OptionInfo& info) {
    option->type_name(info.value);
    if (!info.initial.empty()) option->default_str(info.initial);
    if (info.value_may_be_left_out()) {
      option->expected(0, 1);  // what follows may be an operand: who takes the value tells them apart
    } else {
      option->check([&info](const std::string& text) { return refusal(info, text); });
    }
    finish(option, info);
    return option;
  }
};

Command::Command(CommandInfo info) : info_(std::move(info)), impl_(std::make_unique<Impl>()) {
  for (OptionInfo& common : common_options(info_)) info_.options.push_back(std::move(common));
  impl_->owned = std::make_unique<CLI::App>(description_of(info_, false), info_.name);
  impl_->app = impl_->owned.get();
  for (const CommandInfo& subcommand : info_.subcommands) {
    auto impl = std::make_unique<Impl>();
    impl->app = impl_->app->add_subcommand(subcommand.name, description_of(subcommand, true));
    impl_->subcommands.push_back(std::unique_ptr<Command>(new Command(subcommand, std::move(impl))));
  }
  if (info_.subcommands.empty()) return;
  impl_->app->require_subcommand(1);
  impl_->app->fallthrough();  // -q and -v also after the subcommand
}

Command::Command(CommandInfo info, std::unique_ptr<Impl> impl)
    : info_(std::move(info)), impl_(std::move(impl)) {}

Command::~Command() = default;

const OptionInfo& Command::info_of(std::string_view option) const {
  const auto found = std::ranges::find(info_.options, option, &OptionInfo::name);
  assert(found != info_.options.end());
  return *found;
}

void Command::bind(std::string_view option, bool& flag) {
  const OptionInfo& info = info_of(option);
  impl_->finish(impl_->app->add_flag(info.names, flag, info.help), info);
}

void Command::bind(std::string_view option, std::function<void(const std::string&)> set) {
  impl_->add(info_of(option), std::move(set));
}

void Command::bind(std::string_view option, std::string& value) {
  value = info_of(option).initial;
  bind(option, [&value](const std::string& text) { value = text; });
}

void Command::bind(std::string_view option, std::optional<std::string>& value) {
  bind(option, [&value](const std::string& text) { value = text; });
}

void Command::bind(std::string_view option, int& value) {
  value = std::stoi(info_of(option).initial);
  bind(option, [&value](const std::string& text) { value = std::stoi(text); });
}

void Command::bind(std::string_view option, std::optional<int>& value) {
  bind(option, [&value](const std::string& text) { value = std::stoi(text); });
}

void Command::bind(std::string_view option, std::optional<double>& seconds) {
  bind(option, [&seconds](const std::string& text) { seconds = parse_duration(text); });
}

void Command::bind(std::string_view option, std::vector<std::string>& values) {
  const OptionInfo& info = info_of(option);
  CLI::Option* added = impl_->take_value(impl_->app->add_option(info.names, values, help_of(info)), info);
  // What follows its value is an operand, unless it takes several.
  if (!info.is_operand()) added->allow_extra_args(info.value.ends_with("..."));
}

bool Command::is_set(std::string_view option) const { return impl_->option(option)->count() > 0; }

bool Command::given(std::string_view option) const { return is_set(option) && !configured_.contains(option); }

Command& Command::subcommand(std::string_view name) {
  const auto found = std::ranges::find_if(
      impl_->subcommands,
      [name](const std::unique_ptr<Command>& command) { return command->info_.name == name; });
  assert(found != impl_->subcommands.end());
  return **found;
}

CommandInfo Command::command_in_use() const {
  for (const auto& subcommand : impl_->subcommands) {
    if (!subcommand->impl_->app->parsed()) continue;
    CommandInfo used = subcommand->info_;
    for (OptionInfo& common : common_options(info_)) used.options.push_back(std::move(common));
    return used;
  }
  return info_;
}

void Command::check_all_bound() const {
  for ([[maybe_unused]] const OptionInfo& option : info_.options)
    assert(impl_->bound.contains(option.name()));
  for (const OptionInfo& option : info_.options) {
    if (!option.needs.empty()) impl_->option(option.name())->needs(impl_->option(option.needs));
    if (!option.excludes.empty()) impl_->option(option.name())->excludes(impl_->option(option.excludes));
  }
  for (const auto& subcommand : impl_->subcommands) subcommand->check_all_bound();
}

// What is made takes the place of what had its name: of nothing that is read here, or made here, too.
void Command::check_files() const {
  struct Named {
    const OptionInfo* option;
    std::string path;
  };
  std::vector<Named> all;
  for (const OptionInfo& option : info_.options) {
    if (option.kind != ValueKind::file && option.kind != ValueKind::preset) continue;
    for (const std::string& path : impl_->option(option.name())->results()) {
      if (path != "-") all.push_back({&option, path});
    }
  }
  for (const Named& made : all) {
    if (!made.option->written) continue;
    for (const Named& other : all) {
      if (other.option == made.option || !is_same_file(made.path, other.path)) continue;
      std::error_code none;
      if (!other.option->written && !std::filesystem::exists(other.path, none)) continue;  // a preset's name
      throw Error(Exit::usage, std::string(made.option->name()) + " and " +
                                   std::string(other.option->name()) + " are both " + made.path +
                                   ", expected files that differ");
    }
  }
}

void Command::run_body() const {
  check_files();
  if (body_) body_();
  for (const auto& subcommand : impl_->subcommands) {
    if (subcommand->impl_->app->parsed()) subcommand->run_body();
  }
}

// An option's alias becomes its name.
std::vector<std::string> Command::words_of(int argc, char** argv) const {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  for (std::string& word : words) {
    if (word == "--") break;
    const std::string_view name = std::string_view(word).substr(0, word.find('='));
    for (const OptionInfo& option : info_.options) {
      if (option.alias.empty() || option.alias != name) continue;
      word.replace(0, name.size(), option.name());
      break;
    }
  }
  return words;
}

// Puts what the files say before what was typed.
void Command::add_settings(std::vector<std::string>& words) {
  std::vector<std::string> typed;
  std::vector<std::filesystem::path> files = config_files();
  for (size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (!words[i].starts_with('-')) continue;
    const std::string name = words[i].substr(0, words[i].find('='));
    if (name == "--help" || name == "-h" || name == "--version") return;
    typed.push_back(name);
    for (const OptionInfo& option : info_.options) {
      if (option.names.starts_with(name.substr(0, 2) + ",")) typed.emplace_back(option.name());
    }
    if (name != config_option) continue;
    const bool is_one_word = name.size() < words[i].size();
    if (is_one_word || i + 1 < words.size())
      files = {is_one_word ? words[i].substr(name.size() + 1) : words[i + 1]};
  }
  std::vector<Setting> settings;
  for (const std::filesystem::path& file : files) {
    const std::vector<Setting> more = read_settings(file, info_);
    settings.insert(settings.end(), more.begin(), more.end());
  }
  const std::vector<std::string> first = words_of_settings(settings, info_, typed);
  for (const std::string& word : first) configured_.insert(word.substr(0, word.find('=')));
  words.insert(words.begin(), first.begin(), first.end());
}

int Command::run(int argc, char** argv) {
  CLI::App& app = *impl_->app;
  open_standard_streams();
  install_stop_signals();
  bind("--quiet", impl_->quiet);
  bind("--verbose", impl_->verbose);
  std::optional<std::string> config;
  if (info_.subcommands.empty()) bind(config_option, config);
  impl_->bound.emplace("--version");
  app.set_version_flag("--version", app.get_name() + " " AURALIS_VERSION, info_of("--version").help);
  check_all_bound();
  app.get_formatter()->column_width(help_column);
  set_log(app.get_name(), LogLevel::info);
  try {
    std::vector<std::string> words = words_of(argc, argv);
    if (info_.subcommands.empty()) add_settings(words);
    std::ranges::reverse(words);  // as CLI11 takes them
    app.parse(words);
  } catch (const CLI::ExtrasError& error) {
    const std::string meant = meant_words(command_in_use(), app.remaining(true));
    return refuse_usage(app, meant.empty() ? error.what() : meant);
  } catch (const Error& error) {
    if (error.exit == Exit::usage) return refuse_usage(app, error.what());
    log(LogLevel::error, error.what());  // of a file of settings
    return static_cast<int>(error.exit);
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? show_help(app, error) : refuse_usage(app, error.what());
  }
  set_log(app.get_name(), impl_->quiet     ? LogLevel::error
                          : impl_->verbose ? LogLevel::detail
                                           : LogLevel::info);
  return run_guarded([this] { run_body(); });
}

void refuse_terminal(const char* what, const char* instead) {
  if (::isatty(STDOUT_FILENO) != 1) return;
  throw Error(Exit::usage,
              std::string("stdout is a terminal and ") + what + " is not for reading; " + instead);
}

}  // namespace auralis::cli
