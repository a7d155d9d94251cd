// SPDX-License-Identifier: MIT
// Where the Standard MIDI File lies in what was given: bare, in a RIFF of form RMID (.rmi), or behind the head that
// MacBinary puts before a file; and what it was before it was sent as a text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
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

// A bare file with CR LF where it had LF, as it was; nothing where it is none. That it was one is certain where no LF is
// alone and the lengths of its chunks are right as it was, and wrong as it is.
std::optional<std::string> undo_line_ends(std::string_view bytes);

}  // namespace auralis
