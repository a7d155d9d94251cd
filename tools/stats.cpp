// SPDX-License-Identifier: MIT
// auralis-stats: what is going on, what was composed, what was rendered, what a wave is made of.
#include "stats.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace auralis;

int main(int argc, char** argv) {
  cli::Command command(cli::stats_command());
  bind_live_stats(command.subcommand("live"));
  bind_score_stats(command.subcommand("score"));
  bind_audio_stats(command.subcommand("audio"));
  bind_wave_stats(command.subcommand("wave"));

  // Without a subcommand it is `live`; only what the program itself answers comes before one.
  const cli::CommandInfo info = cli::stats_command();
  std::set<std::string_view> known{"-h", "--help", "--version"};
  for (const cli::CommandInfo& subcommand : info.subcommands) known.insert(subcommand.name);
  std::vector<char*> arguments(argv, argv + argc);
  const bool names_one = std::any_of(arguments.begin() + 1, arguments.end(),
                                     [&known](const char* argument) { return known.contains(argument); });
  std::string live = "live";
  if (!names_one) arguments.insert(arguments.begin() + 1, live.data());
  return command.run(static_cast<int>(arguments.size()), arguments.data());
}
