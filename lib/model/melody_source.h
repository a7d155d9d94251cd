// SPDX-License-Identifier: MIT
// Where a melody's notes may come from besides the composer itself: something that is asked note by note.
//   The composer keeps its hard constraints: it names the pitches that are open, and the source chooses among them. It also
//   says what the motif has there, and how much that is to count. It reports what was really played, since it may play
//   notes of its own. A source draws from a random stream with its own seed: the same seed and the same calls give the
//   same notes.
#pragma once

#include <cstdint>
#include <span>

#include "model/music.h"

namespace auralis {

struct MelodyPlace {
  const Mode* mode = nullptr;  // one of modes()
  int tonic = 0;               // pitch class 0 … 11
  int chord_degree = 0;        // step of the mode the chord stands on, counted from 0
  double intensity = 0.5;      // 0 … 1
  double beat = 0.0;           // onset in quarter notes since some bar line; bars have four
  int centre = 72;             // MIDI pitch in the middle of the line's range: constant within a piece
};

struct MelodyNote {
  int pitch = 0;       // MIDI
  double beats = 1.0;  // length in quarter notes, a multiple of 1/4
};

// The note that the motif has there. It makes the odds of that note e^nats times what the source would give it by itself;
// at 0 nats the source is free.
struct MelodyIntent {
  int pitch = -1;      // one of those that are open; another counts as none
  double beats = 0.0;  // quarter notes
  double nats = 0.0;   // for the pitch, and once more for the length
};

struct MelodyTaste {
  double temperature = 0.9;  // > 0; 1 draws as learnt, less is plainer
  double top_p = 0.92;       // 0 … 1; the least likely, together less than 1 − top_p, are never drawn
};

class MelodySource {
 public:
  virtual ~MelodySource() = default;
  // The next note, its pitch one of `open` (ascending, not empty). A source that knows only some lengths answers with the
  // intended beats, to the bit, where it chooses the length nearest to them.
  virtual MelodyNote next(const MelodyPlace& place, std::span<const int> open, const MelodyIntent& intent,
                          const MelodyTaste& taste) = 0;
  // What sounded there in the end. Rests are not reported: the place of the next note shows them.
  virtual void played(const MelodyPlace& place, const MelodyNote& note) = 0;
};

}  // namespace auralis
