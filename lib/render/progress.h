// SPDX-License-Identifier: MIT
// The lines that tell how far a render is, and what it has made.
#pragma once

#include <optional>
#include <string>

namespace auralis {

struct Progress {
  double made_s = 0.0;            // of sound
  std::optional<double> total_s;  // the piece's length, as far as it is known or can be guessed
  double spent_s = 0.0;           // since the start
};

// "[=====     ] 0:20 of 1:00, 0:02 left, 20 times real time"; without a total only what was made, and the speed.
std::string progress_line(const Progress& progress);

struct Summary {
  std::string file;
  std::string seed;  // empty: none is known
  double made_s = 0.0;
  double wall_s = 0.0;
  bool is_whole = true;
  double lufs = 0.0;  // below 0 where it is known and there is sound
};

// "piece.flac: 10:00, seed 7, -19.8 LUFS, made in 4.2 s, 143 times real time"; of one that was broken off "interrupted at 3:12".
std::string summary_line(const Summary& summary);

}  // namespace auralis
