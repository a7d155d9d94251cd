// SPDX-License-Identifier: MIT
#include "compose_day.h"

#include <algorithm>

#include "base/error.h"
#include "compose/day/day_clock.h"
#include "compose/day/day_yaml.h"
#include "compose/preset/preset_files.h"

namespace auralis {
namespace {

Day day_of(const DayOptions& options, const Preset& preset) {
  if (options.schedule) {
    if (options.replays) {
      throw Error(Exit::usage,
                  "--schedule beside a control log that is replayed, which holds what a schedule did; "
                  "expected one of them");
    }
    return load_schedule(*options.schedule);
  }
  if (options.replays) return {};
  try {
    for (const DayEntry& entry : preset.day) check_names(entry);
  } catch (const ControlError& error) {
    throw Error(Exit::bad_input, "the preset " + preset.name + ": day: " + error.what());
  }
  return preset.day;
}

// Where on its axis a day begins: by the option, by the clock where it is live, else with the first time that it names.
double day_begins(const DayOptions& options, const Day& day) {
  if (options.start_at) {
    const std::optional<double> at = parse_time_of_day(*options.start_at);
    if (!at) {
      throw Error(Exit::usage,
                  "--start-at is \"" + *options.start_at + "\", expected a time of the day such as 22:30");
    }
    return *at;
  }
  if (options.live) return wall_now();
  const auto first = std::ranges::find(day, DayEntry::From::midnight, &DayEntry::from);
  return first == day.end() ? 0.0 : first->at_s;
}

}  // namespace

std::optional<DayPlayer> begin_day(const DayOptions& options, PieceOptions& piece, Preset& preset) {
  const Day day = day_of(options, preset);
  const double begins = day_begins(options, day);
  if (day.empty()) return std::nullopt;
  const bool by_wall = options.live && !options.start_at;
  DayPlayer player(day, begins, by_wall ? next_time_of_wall : next_time_of_piece);
  Control holds = player.beginning();
  if (const std::string* name = holds.text(ControlId::preset); name != nullptr && *name != preset.name) {
    piece.preset = *name;
    preset = load_preset(*name);
  }
  if (const std::string* tuning = holds.text(ControlId::tuning)) piece.tuning = *tuning;
  holds[ControlId::preset].reset();
  holds[ControlId::tuning].reset();
  piece.initial.merge(holds);
  return player;
}

}  // namespace auralis
