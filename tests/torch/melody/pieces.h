// SPDX-License-Identifier: MIT
// Small four-part pieces to test with: a progression in quarter notes with passing eighths, in any key.
#pragma once

#include <array>
#include <vector>

#include "model/rng.h"
#include "torch/melody/line.h"

namespace auralis::melody {

// One bar a chord pair; degrees are of C major or A minor, `shift` semitones higher. Every piece ends on its
// tonic.
inline Piece small_piece(uint64_t seed, bool minor, int shift) {
  static constexpr std::array<int, 7> scale{0, 2, 4, 5, 7, 9, 11};
  Rng rng(seed, "piece");
  const auto pitch = [&](int step) {  // steps of C major from C4
    const int octave = (step + 70) / 7 - 10;
    return 60 + 12 * octave + scale[static_cast<size_t>(step - 7 * octave)] + shift;
  };
  const int tonic = minor ? -2 : 0;
  static constexpr std::array<int, 6> others{3, 4, 5, 1, 4, 3};
  std::vector<int> roots{0};
  for (int i = 0; i < 14; ++i) roots.push_back(i % 4 == 3 ? 0 : others[rng.index(others.size())]);
  roots.push_back(0);
  Piece piece;
  int soprano = tonic + 7;
  for (size_t i = 0; i < roots.size(); ++i) {
    const int root = tonic + roots[i];
    // The chord tone nearest to the note before, never that note itself.
    int next = soprano;
    for (int away = 1; away <= 3; ++away) {
      const int sign = rng.chance(0.5) ? 1 : -1;
      for (int candidate : {soprano + sign * away, soprano - sign * away}) {
        const int above = ((candidate - root) % 7 + 7) % 7;
        if (next == soprano && above % 2 == 0 && above < 6 && candidate > 2 && candidate < 13)
          next = candidate;
      }
    }
    const bool passing = next - soprano == 2 || soprano - next == 2;
    for (int sixteenth = 0; sixteenth < 4; ++sixteenth) {
      const int sung = passing && sixteenth < 2 && i > 0 ? (soprano + next) / 2 : next;
      piece.push_back({pitch(sung), pitch(root + 4 > 5 ? root - 3 : root + 4),
                       pitch(root + 2 > 3 ? root - 5 : root + 2),
                       pitch(root - 14 < -10 ? root - 7 : root - 14)});
    }
    soprano = next;
  }
  return piece;
}

inline std::vector<Line> small_lines(int pieces, uint64_t first_seed) {
  std::vector<Line> lines;
  for (int i = 0; i < pieces; ++i) {
    const uint64_t seed = first_seed + static_cast<uint64_t>(i);
    for (Line& line : lines_of(small_piece(seed, i % 2 == 1, i % 12 - 5))) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace auralis::melody
