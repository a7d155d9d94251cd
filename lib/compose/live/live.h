// SPDX-License-Identifier: MIT
// A piece in real time: composed a few milliseconds ahead of the wall clock, steered through the control socket.
//   output    events and `advance` lines to a descriptor, never waiting on it: a reader that is slow delays the music,
//             not the controls
//   end       with the piece, or by a musical end once a stop was requested (see base/stop.h)
//   session   one that cannot be used costs the controls and the figures, with a warning, and not the music
//   errors    ClosedPipe when the reader has gone, Error{interrupted} when a stop was requested and it takes nothing,
//             Error{environment} when writing fails, or another composer has the session
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "compose/composer.h"
#include "compose/day/day.h"
#include "compose/live/control_log.h"

namespace auralis {

struct LiveSettings {
  double lookahead_s = 0.040;
  std::string session;                          // whose folder the figures go to, and where controls come in
  std::optional<std::filesystem::path> socket;  // another place for these
  std::optional<std::string> log;               // controls are recorded there
  DayPlayer* day = nullptr;                     // what it sets, at moments of day_now
  std::function<double(double piece_s)> day_now;
  PieceOptions options;  // as the log's first line tells them
  int output_fd = 1;
  std::string output_name = "<stdout>";
};

void play_live(Composer& composer, const LiveSettings& settings);

}  // namespace auralis
