// SPDX-License-Identifier: MIT
// What a command ends with. Thrown where bad input or a broken environment is found, caught once in tools/cli.
//   message   says what is wrong, what was expected, and how to mend it where that is known
//   input     Error::at("FILE", LINE, "what, expected what") gives the "FILE:LINE: " form
#pragma once

#include <stdexcept>
#include <string>

namespace auralis {

enum class Exit : int { done = 0, environment = 1, usage = 2, bad_input = 3, interrupted = 130 };

struct Error : std::runtime_error {
  Error(Exit exit_status, const std::string& message) : std::runtime_error(message), exit(exit_status) {}

  static Error at(const std::string& file, long line, const std::string& message) {
    return {Exit::bad_input, file + ":" + std::to_string(line) + ": " + message};
  }

  static Error out_of_memory() {
    return {Exit::environment, "too little memory is free, or allowed (ulimit -v)"};
  }

  Exit exit;
};

// The reader at the other end of a pipe has gone: a quiet, successful end.
struct ClosedPipe : std::runtime_error {
  ClosedPipe() : std::runtime_error("closed pipe") {}
};

}  // namespace auralis
