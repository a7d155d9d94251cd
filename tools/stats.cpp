// SPDX-License-Identifier: MIT
// auralis-stats: what is going on, what was composed, what was rendered.
#include "stats.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "cli.h"

using namespace auralis;

int main(int argc, char** argv) {
  CLI::App app(
      "Example: auralis-stats audio piece.wav\n\n"
      "Figures of a running station, of a composed piece, of rendered sound.",
      "auralis-stats");
  app.require_subcommand(1);
  app.fallthrough();  // -q and -v also after the subcommand
  const std::vector<StatsCommand> commands{add_live_stats(app), add_score_stats(app), add_audio_stats(app)};

  // Without a subcommand it is `live`; only what the program itself answers comes before one.
  const std::set<std::string_view> known{"live", "score", "audio", "-h", "--help", "--help-all", "--version"};
  std::vector<char*> arguments(argv, argv + argc);
  const bool names_one = std::any_of(arguments.begin() + 1, arguments.end(),
                                     [&known](const char* argument) { return known.contains(argument); });
  std::string live = "live";
  if (!names_one) arguments.insert(arguments.begin() + 1, live.data());

  return cli::run(app, static_cast<int>(arguments.size()), arguments.data(), [&] {
    for (const StatsCommand& command : commands) {
      if (command.options->parsed()) command.run();
    }
  });
}
