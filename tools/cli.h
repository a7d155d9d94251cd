// SPDX-License-Identifier: MIT
// What the four commands share: options every one has, one place where errors end, durations, stdin and
// stdout.
#pragma once

#include <CLI/CLI.hpp>
#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace auralis::cli {

// Adds --version, -q and -v, parses, runs `body` and turns what it throws into the contract's exit status.
int run(CLI::App& app, int argc, char** argv, const std::function<void()>& body);

// "90", "90s", "1.5m", "2h", "1h30m" → seconds; an option with this check refuses the rest with a usage
// error.
std::optional<double> parse_duration(const std::string& text);
CLI::Option* add_duration(CLI::App& app, const std::string& flag, std::optional<double>& seconds,
                          const std::string& help);

// Refuses any other text with a usage error that names the nearest. `names` outlives the option.
CLI::Validator one_of(std::span<const std::string_view> names);

// --session NAME; a name that cannot be a folder's is refused with a usage error.
CLI::Option* add_session(CLI::App& app, std::string& name, const std::string& help);

// Refuses to fill a terminal with what people cannot read: Error{usage}, suggesting `instead`.
void refuse_terminal(const char* what, const char* instead);

}  // namespace auralis::cli
