// SPDX-License-Identifier: MIT
// Chord charts: auralis-compose --harmony.
#include <vector>

#include "compose/chart/chart_reader.h"
#include "fuzz/harness/target.h"

namespace auralis {

AURALIS_FUZZ_TARGET(chart) {
  const Scale scale{2, find_mode("dorian")};
  const std::vector<ChartChord> chords = parse_chord_chart(bytes, "chart.txt", scale);
  AURALIS_CLAIM(!chords.empty());
  for (const ChartChord& chord : chords) {
    AURALIS_CLAIM(!chord.seconds || *chord.seconds > 0.0);
    const auto symbol = parse_chord_symbol(chord.chord.name);
    AURALIS_CLAIM(symbol && symbol->intervals == chord.chord.intervals);
  }
}

}  // namespace auralis
