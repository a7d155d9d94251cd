// SPDX-License-Identifier: MIT
// A station as a list of stations describes it: what it is called, what it plays, who may control it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "audio/station_tags.h"
#include "serve/access.h"

namespace auralis {

struct StationPlan {
  std::string name;                // in its address
  std::string key{};               // the secret address of a private one; empty: it is listed
  std::string session{};           // of its processes; empty: its name
  StationTags tags;                // its title and description, as people read them
  std::vector<std::string> piece;  // options of auralis-compose
  ControlRule controls;
  std::filesystem::path record;  // empty: nothing is kept

  // Another title is no other station.
  bool plays_as(const StationPlan& other) const {
    return name == other.name && piece == other.piece && controls == other.controls && record == other.record;
  }
};

}  // namespace auralis
