// SPDX-License-Identifier: MIT
#include "compose/theory/motif.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace auralis {
namespace {

constexpr size_t shortest_motif = 4;
constexpr size_t motif_lengths = 3;

// How many steps of the mode from note to note: none, one, two, three. Modes of five or six tones have wide steps.
constexpr double steps_odds[] = {0.12, 0.54, 0.25, 0.09};
constexpr double wide_steps_odds[] = {0.2, 0.68, 0.12, 0.0};
constexpr int narrow_mode_size = 7;
constexpr int wide_step = 3;      // after it the line turns back by step
constexpr double goes_on = 0.62;  // chance that a line keeps its direction

// How a phrase goes on from a motif: by sequence, a step or two either way.
constexpr int sequence_steps[] = {-1, 1, -2, 2};
constexpr double sequence_odds[] = {4.0, 3.0, 1.5, 1.0};
constexpr double sequence_goes_on =
    0.3;                       // chance that the third statement moves once more; else it is home again
constexpr size_t breaths = 3;  // of 0, 1 and 2 beats

// Lengths a note may have, in beats.
constexpr double lengths[] = {0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16};
constexpr double whole_beats_odds = 2.0;  // against 1 for other lengths

double draw_length(const Range& beats, bool last, Rng& rng) {
  std::vector<double> open;
  std::vector<double> odds;
  for (double length : lengths) {
    if (length < beats.low || length > beats.high) continue;
    open.push_back(length);
    // Long notes are rarer, but the end of a motif broadens.
    odds.push_back((length == std::floor(length) ? whole_beats_odds : 1.0) * (last ? length : 1.0));
  }
  return open.empty() ? beats.low : open[rng.weighted(odds)];
}

}  // namespace

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

Theme invent_theme(const Range& note_beats, int mode_size, Rng& rng) {
  Theme theme;
  const size_t count = shortest_motif + rng.index(motif_lengths);
  int offset = 0;
  int direction = rng.chance(0.5) ? 1 : -1;
  int last_steps = 0;
  for (size_t i = 0; i < count; ++i) {
    theme.motif.push_back({offset, draw_length(note_beats, i + 1 == count, rng)});
    const bool turns_back = last_steps >= wide_step;
    if (turns_back || !rng.chance(goes_on)) direction = -direction;
    last_steps =
        turns_back
            ? 1
            : static_cast<int>(rng.weighted(mode_size < narrow_mode_size ? wide_steps_odds : steps_odds));
    offset += direction * last_steps;
  }
  theme.degree = static_cast<int>(rng.index(static_cast<size_t>(mode_size)));
  const int sequence = sequence_steps[rng.weighted(sequence_odds)];
  theme.moves = {0, sequence, rng.chance(sequence_goes_on) ? 2 * sequence : 0, sequence};
  theme.breath_beats = static_cast<double>(rng.index(breaths));
  theme.coloured = 1 + rng.index(count - 1);
  return theme;
}

}  // namespace auralis
