// SPDX-License-Identifier: MIT
// The subcommands of auralis-stats, one file each: add_NAME declares it and its options, and answers what to
// run.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace auralis {

struct StatsCommand {
  CLI::App* options;
  std::function<void()> run;
};

StatsCommand add_live_stats(CLI::App& app);
StatsCommand add_score_stats(CLI::App& app);
StatsCommand add_audio_stats(CLI::App& app);

}  // namespace auralis
