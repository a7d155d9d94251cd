// SPDX-License-Identifier: MIT
// The notes that are held at a moment of a stream.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "model/event.h"

namespace auralis {

class HeldNotes {
 public:
  // In the order of the stream: what ended before the note begins is forgotten.
  void add(const NoteEvent& note) {
    until_.emplace(note.t + note.dur, note.id);
    until_.erase(until_.begin(), until_.lower_bound(note.t));
  }

  // The ids of those whose time is not up at t.
  std::vector<uint64_t> at(double t) const {
    std::vector<uint64_t> ids;
    for (auto note = until_.upper_bound(t); note != until_.end(); ++note) ids.push_back(note->second);
    return ids;
  }

 private:
  std::multimap<double, uint64_t> until_;
};

}  // namespace auralis
