// SPDX-License-Identifier: MIT
// A piece as fast as it goes, with what a control log holds taking effect at its times; and what the options of a piece
// mean to the composer.
//   errors   Error{bad_input, "FILE:LINE: ..."} for a control in the log that is refused
#pragma once

#include <functional>
#include <vector>

#include "compose/composer.h"
#include "compose/day/day.h"
#include "compose/live/control_log.h"

namespace auralis {

// What a composer is given for a piece with these options: installed tables, presets by name, the chart read. The seed
// must be drawn; a MelodySource is for the caller to add.
ComposeSettings compose_settings(const PieceOptions& options, const Preset& preset);

// Composes to the end, with what a day sets at its times, counted on the piece's seconds; nullptr: none. A stop, requested (base/stop.h) or recorded, ends the piece musically. write is called every few
// seconds of the piece with its events, and how far it has come.
void compose_offline(Composer& composer, const ControlLog& log, DayPlayer* day,
                     const std::function<void(std::vector<Event>& events, double t_s)>& write);

// What is due by a moment of the day's axis takes effect at t_s; what cannot be is a warning.
void apply_day(Composer& composer, DayPlayer& day, double now, double t_s, std::vector<Event>& events);

}  // namespace auralis
