// SPDX-License-Identifier: MIT
// Options from a file, as auralis.conf(5) explains: "NAME = VALUE" a line, for every command that has such an option, or
// below "[auralis-render]" for that command alone.
//   files    /etc/auralis/auralis.conf, then $XDG_CONFIG_HOME/auralis/auralis.conf (or ~/.config/…): the later wins, and what is
//            typed wins over both
//   errors   Error{bad_input, "FILE:LINE: …"} for a name that no command has, and for a value that it would not take
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "options.h"

namespace auralis::cli {

struct Setting {
  const OptionInfo* option;  // of the command's
  std::string value;         // of a flag "yes" or "no"
};

// What a file says to this command, from first to last. What is for others is checked and left out.
std::vector<Setting> read_settings(const std::filesystem::path& file, const CommandInfo& command);

// Those that are there.
std::vector<std::filesystem::path> config_files();

// The words that stand before those that were typed: settings of options that were not, and that go with those that were.
std::vector<std::string> words_of_settings(const std::vector<Setting>& settings, const CommandInfo& command,
                                           const std::vector<std::string>& typed_options);

}  // namespace auralis::cli
