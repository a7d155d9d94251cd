// SPDX-License-Identifier: MIT
// Completion of a command's options in a shell, made from its table: names, choices, keys, modes, presets, files.
#pragma once

#include <string>

#include "options.h"

namespace auralis::cli {

std::string bash_completion(const CommandInfo& command);
std::string zsh_completion(const CommandInfo& command);
std::string fish_completion(const CommandInfo& command);

}  // namespace auralis::cli
