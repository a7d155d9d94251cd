// SPDX-License-Identifier: MIT
// The subcommands of auralis-stats, one file each: each binds its options and what it runs.
#pragma once

#include "cli.h"

namespace auralis {

void bind_live_stats(cli::Command& command);
void bind_score_stats(cli::Command& command);
void bind_audio_stats(cli::Command& command);
void bind_wave_stats(cli::Command& command);

}  // namespace auralis
