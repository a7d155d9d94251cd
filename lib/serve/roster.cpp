// SPDX-License-Identifier: MIT
#include "serve/roster.h"

#include <algorithm>
#include <exception>

#include "base/log.h"

namespace auralis {

bool Roster::goes_on(const Entry& entry, const StationPlan& plan) {
  const std::shared_ptr<Station> station = entry.station.lock();
  return station && entry.plan.plays_as(plan) && !station->broadcast().is_over();
}

void Roster::follow(std::vector<StationPlan> plans, int64_t now_us) {
  std::vector<Entry> before = std::exchange(entries_, {});
  for (StationPlan& plan : plans) {
    const auto known = std::find_if(before.begin(), before.end(),
                                    [&plan](const Entry& entry) { return entry.plan.name == plan.name; });
    if (known != before.end() && goes_on(*known, plan)) {
      const std::shared_ptr<Station> station = known->station.lock();
      station->rename(plan.tags);
      station->carry_to(plan.outlets);
      entries_.push_back({std::move(plan), std::exchange(known->station, {})});
    } else {
      entries_.push_back({std::move(plan), {}});
    }
  }
  for (const Entry& entry : before)
    if (const auto station = entry.station.lock()) end(*station, now_us);
  for (Entry& entry : entries_)
    if (entry.station.expired() && !ending_.contains(entry.plan.name)) begin(entry);
  sort();
}

void Roster::sort() {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) names.push_back(entry.plan.name);
  stations_.sort_as(names);
}

// One that comes after it by that name has its session, and so begins once it has gone.
void Roster::end(Station& station, int64_t now_us) {
  const std::string name = station.name();
  ending_.insert(name);
  log_info(name + ": ending");
  stations_.dismiss(station, now_us, [this, name] {
    ending_.erase(name);
    for (Entry& entry : entries_)
      if (entry.plan.name == name) begin(entry);
    sort();
  });
}

void Roster::begin(Entry& entry) {
  try {
    entry.station = stations_.add(make_(entry.plan)).weak_from_this();
    log_info(entry.plan.name + ": beginning");
  } catch (const std::exception& error) {
    log(LogLevel::error, entry.plan.name + ": " + error.what());
  }
}

}  // namespace auralis
