// SPDX-License-Identifier: MIT
// What was meant by words that a command does not take.
//   "--presett is unknown, expected --preset"
//   "-p is unknown, expected --port or --preset"
//   "--seed is unknown here, it belongs to auralis-compose"
//   "sleep is unexpected; write --preset sleep"
// Empty where nothing comes to mind.
#pragma once

#include <string>
#include <vector>

#include "options.h"

namespace auralis::cli {

// command: with the options that every command has.
std::string meant_words(const CommandInfo& command, const std::vector<std::string>& words);

}  // namespace auralis::cli
