// SPDX-License-Identifier: MIT
// A command line: options made from their table, and the one place where errors become an exit status.
//   bind     every option of the table to what it sets; its default from the table is set at once
//   files    what auralis.conf(5) says stands before what was typed (config_file.h)
//   run      parses, runs the body and turns what it throws into the contract's exit status
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "options.h"

namespace auralis::cli {

class Command {
 public:
  explicit Command(CommandInfo info);
  ~Command();

  void bind(std::string_view option, bool& flag);
  void bind(std::string_view option, std::string& value);
  void bind(std::string_view option, std::optional<std::string>& value);
  void bind(std::string_view option, int& value);
  void bind(std::string_view option, std::optional<int>& value);
  void bind(std::string_view option, std::optional<double>& seconds);  // a duration
  void bind(std::string_view option, std::vector<std::string>& values);
  // `set` gets what was typed, once it is known to be valid; not the default.
  void bind(std::string_view option, std::function<void(const std::string&)> set);

  // Whether it was on the command line, and not in a file of settings.
  bool given(std::string_view option) const;
  // Whether it was said at all.
  bool is_set(std::string_view option) const;

  // One of the table's subcommands, to bind its options and what it runs; lives as long as this.
  Command& subcommand(std::string_view name);
  void on_run(std::function<void()> body) { body_ = std::move(body); }

  // The exit status. With subcommands the body of the one that was named is run, else this one's.
  int run(int argc, char** argv);

 private:
  struct Impl;
  Command(CommandInfo info, std::unique_ptr<Impl> impl);

  const OptionInfo& info_of(std::string_view option) const;
  // With the options that every command has.
  CommandInfo command_in_use() const;
  std::vector<std::string> words_of(int argc, char** argv) const;
  void add_settings(std::vector<std::string>& words);
  void check_all_bound() const;
  void check_files() const;
  void run_body() const;

  CommandInfo info_;
  std::unique_ptr<Impl> impl_;
  std::function<void()> body_;
  std::set<std::string, std::less<>> configured_;  // by files of settings
};

// Refuses to fill a terminal with what people cannot read: Error{usage}, suggesting `instead`.
void refuse_terminal(const char* what, const char* instead);

}  // namespace auralis::cli
