// SPDX-License-Identifier: MIT
// auralis-play: the other three, started together and kept alive.
#include "play/play.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

#include "base/plugin.h"
#include "cli.h"
#include "icecast_password.h"
#include "live_pair.h"
#include "token.h"

namespace {

using auralis::Launch;
using auralis::cli::Command;
using auralis::cli::CommandInfo;
using auralis::cli::OptionInfo;
using auralis::cli::ValueKind;

constexpr const char* token_option = "--token";
constexpr const char* icecast_option = "--icecast";

// What was typed, to be handed on.
struct Given {
  const OptionInfo* option;
  bool flag = false;
  std::vector<std::string> values{};
};

std::deque<Given> bind(Command& command, const CommandInfo& info) {
  std::deque<Given> all;
  for (const OptionInfo& option : info.options) {
    Given& given = all.emplace_back(Given{&option});
    if (option.kind == ValueKind::flag) {
      command.bind(option.name(), given.flag);
    } else if (option.repeated) {
      command.bind(option.name(), given.values);
    } else {
      command.bind(option.name(), [&given](const std::string& text) { given.values = {text}; });
    }
  }
  return all;
}

Launch launch(const std::string& command, const std::deque<Given>& all, const Command& play) {
  Launch launch;
  launch.program = auralis::program_folder() / command;
  launch.arguments.emplace_back(auralis::no_settings);
  for (const Given& given : all) {
    if (std::ranges::find(given.option->handed_to, command) == given.option->handed_to.end()) continue;
    const std::string name(given.option->name());
    if (name == token_option) continue;  // in the environment
    if (given.flag) launch.arguments.push_back(name);
    // In one word: a value may look like an option.
    for (const std::string& value : given.values) launch.arguments.push_back(name + "=" + value);
  }
  for (const char* common : {"--quiet", "--verbose"}) {
    if (play.is_set(common)) launch.arguments.emplace_back(common);
  }
  return launch;
}

bool asks_for_short_chunks(const std::deque<Given>& all) {
  const auto chunk =
      std::ranges::find(all, "--chunk-ms", [](const Given& given) { return given.option->name(); });
  return !chunk->values.empty() && std::stoi(chunk->values.front()) < auralis::short_chunk_ms;
}

auralis::PlaySettings settings_of(const std::deque<Given>& all, const Command& command) {
  auralis::PlaySettings settings{launch("auralis-compose", all, command),
                                 launch("auralis-render", all, command),
                                 launch("auralis-serve", all, command)};
  for (Launch* live : {&settings.compose, &settings.render}) live->arguments.emplace_back("--live");
  if (asks_for_short_chunks(all) && !command.is_set("--lookahead"))
    settings.compose.arguments.emplace_back(auralis::short_lookahead);
  settings.serve.gets_secrets = true;
  settings.serve.orphan_signal = SIGTERM;  // its listeners and its recording are owed an end
  return settings;
}

// As arguments the list of processes would show them, the server's as our own.
void hand_on_secrets(std::deque<Given>& all, int argc, char** argv) {
  const auto find = [&all](const char* name) {
    return std::ranges::find(all, name, [](const Given& given) { return given.option->name(); });
  };
  if (const auto token = find(token_option); !token->values.empty()) {
    ::setenv(auralis::token_variable, token->values.front().c_str(), 1);
    auralis::hide_token(argc, argv);
  }
  auralis::hand_on_icecast_passwords(find(icecast_option)->values);
  auralis::hide_icecast_passwords(argc, argv);
}

}  // namespace

int main(int argc, char** argv) {
  const CommandInfo info = auralis::cli::play_command();
  Command command(info);
  std::deque<Given> all = bind(command, info);
  int status = 0;
  command.on_run([&] {
    hand_on_secrets(all, argc, argv);
    status = auralis::play(settings_of(all, command));
  });
  const int refused = command.run(argc, argv);
  return refused != 0 ? refused : status;
}
