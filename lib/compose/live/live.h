// SPDX-License-Identifier: MIT
// A piece in real time: composed a few milliseconds ahead of the wall clock, steered through the control socket.
//   output    events and `advance` lines to a descriptor, never waiting on it: a reader that is slow delays the music,
//             not the controls
//   end       with the piece, or by a musical end once a stop was requested (see base/stop.h)
//   errors    ClosedPipe when the reader has gone, Error{environment} when writing fails
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "compose/composer.h"
#include "compose/live/control_log.h"

namespace auralis {

struct LiveSettings {
  double lookahead_s = 0.040;
  std::filesystem::path socket;    // where controls come in
  std::filesystem::path session;   // where the figures go
  std::optional<std::string> log;  // controls are recorded there
  PieceOptions options;            // as the log's first line tells them
  int output_fd = 1;
  std::string output_name = "<stdout>";
};

void play_live(Composer& composer, const LiveSettings& settings);

}  // namespace auralis
