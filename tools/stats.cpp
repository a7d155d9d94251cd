// SPDX-License-Identifier: MIT
// auralis-stats: what is going on, what was composed, what was rendered.
#include "stats.h"

#include "cli.h"

using namespace auralis;

int main(int argc, char** argv) {
  CLI::App app("Figures of a running station, of a composed piece, of rendered sound.", "auralis-stats");
  app.require_subcommand(1);
  app.fallthrough();  // -q and -v also after the subcommand
  const std::vector<StatsCommand> commands{add_score_stats(app), add_audio_stats(app)};
  return cli::run(app, argc, argv, [&] {
    for (const StatsCommand& command : commands) {
      if (command.options->parsed()) command.run();
    }
  });
}
