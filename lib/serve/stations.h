// SPDX-License-Identifier: MIT
// The stations of one server. Every path of a station exists under /s/NAME/; without that prefix it is the first
// one's.
#pragma once

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
    Station* station;  // nullptr: there is none of that name
    std::string_view
        path;  // begins with a slash; empty for /s/NAME, whose relative addresses would be another's
  };

  Station& add(std::unique_ptr<Station> station);
  Station& first() { return *all_.front(); }
  bool empty() const { return all_.empty(); }
  Place place_of(std::string_view path) const;

  const std::vector<std::unique_ptr<Station>>& all() const { return all_; }

 private:
  std::vector<std::unique_ptr<Station>> all_;
};

}  // namespace auralis
