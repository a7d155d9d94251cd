// SPDX-License-Identifier: MIT
// How a composer and a renderer are started that play in real time, by auralis-play and by auralis-serve.
#pragma once

#include <string>

#include "base/plugin.h"
#include "process/child.h"

namespace auralis {

// What files say was read by whoever starts them.
inline constexpr const char* no_settings = "--config=/dev/null";

// Who asks for chunks shorter than this asks for little delay, so the composer looks less far ahead, too.
inline constexpr int short_chunk_ms = 50;
inline constexpr const char* short_lookahead = "--lookahead=20";

// One of our commands, as it is told to play in real time.
inline Launch live_launch(const std::string& command) {
  Launch launch;
  launch.program = program_folder() / command;
  launch.arguments = {no_settings, "--live"};
  return launch;
}

}  // namespace auralis
