// SPDX-License-Identifier: MIT
#include "compose/theory/motif.h"

#include <algorithm>
#include <cstddef>

namespace auralis {

Motif vary(const Motif& motif, Variation how, double longest_beats, Rng& rng) {
  Motif varied = motif;
  switch (how) {
    case Variation::inversion:
      for (MotifNote& note : varied) note.offset = -note.offset;
      break;
    case Variation::augmentation:
      for (MotifNote& note : varied) note.beats = std::min(2.0 * note.beats, longest_beats);
      break;
    case Variation::fragment: {
      if (motif.size() < 4) break;
      const size_t kept = 2 + rng.index(motif.size() - 2);
      if (rng.chance(0.5)) varied.erase(varied.begin(), varied.end() - static_cast<std::ptrdiff_t>(kept));
      varied.resize(kept);
      const int first = varied.front().offset;
      for (MotifNote& note : varied) note.offset -= first;
      break;
    }
    case Variation::transposition:
    case Variation::count:
      break;
  }
  return varied;
}

}  // namespace auralis
