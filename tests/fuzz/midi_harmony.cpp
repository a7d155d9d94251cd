// SPDX-License-Identifier: MIT
// MIDI files as harmony: auralis-compose --harmony.
#include <vector>

#include "compose/chart/chart_reader.h"
#include "fuzz/harness/target.h"

namespace auralis {

AURALIS_FUZZ_TARGET(midi_harmony) {
  const Scale scale{2, find_mode("dorian")};
  const std::vector<ChartChord> chords = harmony_from_midi(bytes, "song.mid", scale);
  AURALIS_CLAIM(!chords.empty());
  for (const ChartChord& chord : chords) {
    AURALIS_CLAIM(chord.seconds && *chord.seconds > 0.0);
    AURALIS_CLAIM(parse_chord_symbol(chord.chord.name));
  }
}

}  // namespace auralis
