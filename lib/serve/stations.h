// SPDX-License-Identifier: MIT
// The stations of one server. Every path of a station exists under /s/NAME/, of a private one under /s/KEY/; without that
// prefix it is the first one's.
//   end   a station that is dismissed has no address any more: its sound fades, its listeners get what they are owed and
//         are told, and then it is gone
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "serve/station.h"

namespace auralis {

class Stations {
 public:
  // Where a path leads: to a station, and there.
  struct Place {
    Station* station;  // nullptr: there is none of that name, or none at all
    // Begins with a slash; empty for /s/NAME, whose relative addresses would be another's, and where there is none of
    // that name.
    std::string_view path;
  };

  Station& add(std::shared_ptr<Station> station);
  // `then` is called once it is gone.
  void dismiss(Station& station, int64_t now_us, std::function<void()> then = {});
  // Four times a second.
  void tick(int64_t now_us);
  // The listed ones as these names have it; others stay before them.
  void sort_as(const std::vector<std::string>& names);

  // The first that is listed; nullptr where none is.
  Station* first() const;
  // Those that have an address and are no secret.
  std::vector<Station*> listed() const;
  // All that play, those that are dismissed among them.
  const std::vector<std::shared_ptr<Station>>& all() const { return all_; }
  Place place_of(std::string_view path) const;

 private:
  // Of a station that is dismissed: the sound fades, then what is owed is sent.
  struct Farewell {
    std::shared_ptr<Station> station;
    int64_t fades_until_us = 0;
    int64_t ends_us = 0;
    std::function<void()> then;
  };

  bool has_address(const Station& station) const;
  static bool is_said(Farewell& farewell, int64_t now_us);
  // Its listeners have left, and its recording is whole: a slow disk holds up no other station.
  static bool is_gone(const Farewell& farewell);
  void release(const Farewell& farewell);

  std::vector<std::shared_ptr<Station>> all_;
  std::vector<Farewell> farewells_;
};

}  // namespace auralis
