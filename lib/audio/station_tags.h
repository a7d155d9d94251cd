// SPDX-License-Identifier: MIT
// What a station says of itself to players. One line of UTF-8 each; empty ones are left out.
#pragma once

#include <string>

#include "audio/sound_tags.h"

namespace auralis {

struct StationTags {
  std::string name = "Auralis";
  std::string genre = "Ambient";
  std::string description{};

  SoundTags sound_tags() const { return {.title = name, .genre = genre, .comment = description}; }
};

}  // namespace auralis
