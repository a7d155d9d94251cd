// SPDX-License-Identifier: MIT
// Schedules: --schedule FILE.
#include <cmath>
#include <nlohmann/json.hpp>

#include "compose/day/day_clock.h"
#include "compose/day/day_json.h"
#include "compose/day/day_yaml.h"
#include "fuzz/harness/target.h"

namespace auralis {

AURALIS_FUZZ_TARGET(schedule) {
  const Day day = parse_schedule(std::string(bytes), "day.yaml");
  AURALIS_CLAIM(!day.empty());
  AURALIS_CLAIM(day_from_json(nlohmann::json(day_json(day)), "day") == day);
  DayPlayer player(day, 3600.0, next_time_of_piece);
  Control standing = player.beginning();
  for (int i = 0; i < 100 && std::isfinite(player.next()); ++i) {
    const double now = player.next();
    standing.merge(player.take(now, standing));
    AURALIS_CLAIM(player.next() > now);
  }
}

}  // namespace auralis
