// SPDX-License-Identifier: MIT
// The table of auralis-play is made of the tables of the three commands it starts: every option of theirs but those that
// make no sense there. One that several of them have goes to all of those.
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "options.h"

namespace auralis::cli {
namespace {

// Between them the commands are joined already, and they play in real time.
constexpr std::array<std::string_view, 10> not_of_compose{
    "--output",      "--format", "--live", "--control", "--list-presets",
    "--show-preset", "--check",  "--json", "INPUT",     "--report"};
constexpr std::array<std::string_view, 6> not_of_serve{"INPUT",  "--on-end",   "--raw",
                                                       "--rate", "--channels", "--bits"};
// The server counts on the renderer's usual format.
constexpr std::array<std::string_view, 3> of_render{"--device", "--threads", "--session"};

bool in(const auto& names, std::string_view name) { return std::ranges::find(names, name) != names.end(); }

void hand_on(std::vector<OptionInfo>& all, const CommandInfo& command, const auto& is_meant) {
  for (OptionInfo option : command.options) {
    if (!is_meant(option.name())) continue;
    const auto known = std::ranges::find(all, option.name(), &OptionInfo::name);
    if (known != all.end()) {
      known->handed_to.push_back(command.name);
      continue;
    }
    option.handed_to = {command.name};
    if (!is_meant(option.needs)) option.needs.clear();
    if (!is_meant(option.excludes)) option.excludes.clear();
    all.push_back(std::move(option));
  }
}

}  // namespace

CommandInfo play_command() {
  std::vector<OptionInfo> options;
  hand_on(options, compose_command(), [](std::string_view name) { return !in(not_of_compose, name); });
  hand_on(options, serve_command(), [](std::string_view name) { return !in(not_of_serve, name); });
  hand_on(options, render_command(), [](std::string_view name) { return in(of_render, name); });
  return {
      .name = "auralis-play",
      .examples = {"auralis-play --preset sleep --port 8080"},
      .summary =
          "Plays endless music to listeners: starts auralis-compose | auralis-render | auralis-serve, and "
          "again where one of them dies. Its options are theirs.",
      .options = std::move(options)};
}

}  // namespace auralis::cli
