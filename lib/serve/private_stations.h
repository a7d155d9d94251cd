// SPDX-License-Identifier: MIT
// Stations that listeners ask for, each under an address that is its key: whoever has it listens and controls, and nobody
// else learns of it. In lists of processes, figures and the log a private station has a number.
//   begins   at once; its processes are started for it
//   ends     when its holder says so, or idle_us after its last listener left, or where its music has ended
//   limits   so many in all, so many of an address, so often
//   errors   a wish that names something unknown is refused with the field
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>

#include "net/address_counts.h"
#include "net/rate_limit.h"
#include "serve/roster.h"
#include "serve/station_plan.h"
#include "serve/stations.h"

namespace auralis {

class PrivateStations {
 public:
  // `knows_tuning`: whether a composer would find it.
  PrivateStations(Stations& stations, Roster::Make make, size_t most,
                  std::function<bool(const std::string&)> knows_tuning);

  size_t most() const { return most_; }
  size_t size() const { return all_.size(); }

  // For a client of that address. `wish`: {preset, seed, and controls that are numbers or names}, any of them; `presets`:
  // the list of those there are.
  std::variant<std::shared_ptr<Station>, Refusal> begin(const nlohmann::json& wish,
                                                        const nlohmann::json& presets,
                                                        const std::string& address, int64_t now_us);
  void end(Station& station, int64_t now_us) { stations_.dismiss(station, now_us); }
  // No more begin: the server ends.
  void close() { closed_ = true; }
  // Ends those that nobody hears any more.
  void tick(int64_t now_us);

 private:
  struct Entry {
    std::weak_ptr<Station> station;
    size_t number;
    int64_t heard_us;  // when it last had a listener, or began
    AddressCounts::Seat seat;
  };

  int64_t next_free_us(int64_t now_us) const;
  size_t free_number() const;

  Stations& stations_;
  Roster::Make make_;
  size_t most_;
  std::function<bool(const std::string&)> knows_tuning_;
  AddressCounts of_address_;
  RateLimiter begins_;
  uint64_t begun_ = 0;
  bool closed_ = false;
  std::list<Entry> all_;
};

}  // namespace auralis
