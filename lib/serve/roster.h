// SPDX-License-Identifier: MIT
// The stations of a list that may change while they play: those that are new begin, those that are gone end, those that
// play something else end and begin anew, and all others go on without a gap.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "serve/station_plan.h"
#include "serve/stations.h"

namespace auralis {

class Roster {
 public:
  // `make` throws Error{environment} where a station cannot be had: then it is missing, until the list is followed again.
  using Make = std::function<std::shared_ptr<Station>(const StationPlan&)>;

  Roster(Stations& stations, Make make) : stations_(stations), make_(std::move(make)) {}

  void follow(std::vector<StationPlan> plans, int64_t now_us);

 private:
  struct Entry {
    StationPlan plan;
    std::weak_ptr<Station> station;  // none: it could not be had, or one of its name is still ending
  };

  void end(Station& station, int64_t now_us);
  void begin(Entry& entry);
  void sort();
  static bool goes_on(const Entry& entry, const StationPlan& plan);

  Stations& stations_;
  Make make_;
  std::vector<Entry> entries_;    // as the list has them
  std::set<std::string> ending_;  // names of stations that still have their sessions
};

}  // namespace auralis
