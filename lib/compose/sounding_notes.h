// SPDX-License-Identifier: MIT
// The ledger of what sounds: every note that was played, until it has ended.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "compose/event_queue.h"
#include "compose/timeline.h"
#include "model/event.h"
#include "model/layer.h"

namespace auralis {

struct SoundingNote {
  uint64_t id;
  Layer layer;
  int pitch;
  double end_s;
};

class SoundingNotes {
 public:
  // Numbers the note and plays it; answers its id, above 0.
  uint64_t play(Layer layer, NoteEvent note, EventQueue& queue) {
    note.id = ++last_id_;
    notes_.push_back({note.id, layer, static_cast<int>(note.pitch), whole_us(note.t + note.dur)});
    queue.push(note);
    return note.id;
  }

  void release(uint64_t id, double t_s, EventQueue& queue) {
    queue.push(ReleaseEvent{whole_us(t_s), id});
    for (SoundingNote& note : notes_) {
      if (note.id == id) note.end_s = std::min(note.end_s, whole_us(t_s));
    }
  }

  // All for which which(note) holds.
  template <class Which>
  void release_all(const Which& which, double t_s, EventQueue& queue) {
    for (SoundingNote& note : notes_) {
      if (!which(note)) continue;
      queue.push(ReleaseEvent{whole_us(t_s), note.id});
      note.end_s = std::min(note.end_s, whole_us(t_s));
    }
  }

  bool sounds(Layer layer, double now_s) const {
    return std::any_of(notes_.begin(), notes_.end(),
                       [&](const SoundingNote& note) { return note.layer == layer && note.end_s > now_s; });
  }

  void forget_ended(double now_s) {
    std::erase_if(notes_, [&](const SoundingNote& note) { return note.end_s <= now_s; });
  }

 private:
  std::vector<SoundingNote> notes_;
  uint64_t last_id_ = 0;
};

}  // namespace auralis
