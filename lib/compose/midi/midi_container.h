// SPDX-License-Identifier: MIT
// Where the Standard MIDI File lies in what was given: bare, in a RIFF of form RMID (.rmi), or behind the head that
// MacBinary puts before a file.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace auralis {

struct MidiExtent {
  size_t begin = 0;
  size_t end = 0;
};

// Whether these bytes begin a MIDI file; nothing where more of them are needed to tell.
std::optional<bool> begins_midi(std::string_view bytes);

// Nothing where there is none.
std::optional<MidiExtent> find_midi(std::string_view bytes);

}  // namespace auralis
