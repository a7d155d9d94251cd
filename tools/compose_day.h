// SPDX-License-Identifier: MIT
// What auralis-compose makes of a schedule, or of its preset's day.
//   errors   Error{usage} for a time that is none, and for a schedule beside a log that holds one; Error{bad_input} of the file
#pragma once

#include <optional>
#include <string>

#include "compose/day/day.h"
#include "compose/live/control_log.h"
#include "compose/preset/preset.h"

namespace auralis {

struct DayOptions {
  std::optional<std::string> schedule;  // a file
  std::optional<std::string> start_at;  // a time of the day
  bool live = false;
  bool replays = false;  // a control log, which holds what a day did
};

// Nothing where there is no day. Piece and preset are then as the day has them at the beginning.
std::optional<DayPlayer> begin_day(const DayOptions& options, PieceOptions& piece, Preset& preset);

}  // namespace auralis
