// SPDX-License-Identifier: MIT
// A command line: options made from their table, and the one place where errors become an exit status.
//   bind     every option of the table to what it sets; its default from the table is set at once
//   run      parses, runs the body and turns what it throws into the contract's exit status
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
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

  // Whether it was on the command line.
  bool given(std::string_view option) const;

  // One of the table's subcommands, to bind its options and what it runs; lives as long as this.
  Command& subcommand(std::string_view name);
  void on_run(std::function<void()> body) { body_ = std::move(body); }

  // The exit status. With subcommands the body of the one that was named is run, else this one's.
  int run(int argc, char** argv);

 private:
  struct Impl;
  Command(CommandInfo info, std::unique_ptr<Impl> impl);

  const OptionInfo& info_of(std::string_view option) const;
  void check_all_bound() const;
  void check_files() const;
  void run_body() const;

  CommandInfo info_;
  std::unique_ptr<Impl> impl_;
  std::function<void()> body_;
};

// Refuses to fill a terminal with what people cannot read: Error{usage}, suggesting `instead`.
void refuse_terminal(const char* what, const char* instead);

}  // namespace auralis::cli
