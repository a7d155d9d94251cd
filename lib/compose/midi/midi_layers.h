// SPDX-License-Identifier: MIT
// Which layer plays a note of a MIDI file: by channel, then by program; 1-based, as musicians count them.
//   What is left open goes by the name of the track where that is a layer's, then by the General MIDI family, and on
//   a drum part by the drum.
#pragma once

#include <map>
#include <string>

namespace auralis {

struct MidiNote;

struct MidiLayers {
  std::map<int, std::string> channels;  // 1 … 16
  std::map<int, std::string> programs;  // 1 … 128

  std::string layer_of(const MidiNote& note, const std::string& track_name) const;
  bool operator==(const MidiLayers&) const = default;
};

}  // namespace auralis
