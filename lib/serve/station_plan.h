// SPDX-License-Identifier: MIT
// A station as a list of stations describes it: what it is called, what it plays, who may control it, where it is carried.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "audio/station_tags.h"
#include "radio/outlet.h"
#include "serve/access.h"

namespace auralis {

struct StationPlan {
  std::string name;                // in its address
  std::string key{};               // the secret address of a private one; empty: it is listed
  std::string session{};           // of its processes; empty: its name
  StationTags tags;                // its title and description, as people read them
  std::vector<std::string> piece;  // options of auralis-compose
  ControlRule controls;
  std::filesystem::path record;           // empty: nothing is kept
  std::vector<OutletSettings> outlets{};  // where it is carried, beside its listeners

  // Another title, or other outlets, do not begin the station anew.
  bool plays_as(const StationPlan& other) const {
    return name == other.name && piece == other.piece && controls == other.controls && record == other.record;
  }
};

}  // namespace auralis
