// SPDX-License-Identifier: MIT
// Motifs: short shapes in steps of the mode and beats, what may be done with them, and the themes that are made of them.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "model/range.h"
#include "model/rng.h"

namespace auralis {

struct MotifNote {
  int offset = 0;  // steps of the mode from the motif's first note
  double beats = 1.0;
  bool operator==(const MotifNote&) const = default;
};
using Motif = std::vector<MotifNote>;

enum class Variation { transposition, inversion, augmentation, fragment, count };
// Transposition keeps the shape: where it starts is the phrase's to say. longest_beats bounds augmentation.
Motif vary(const Motif& motif, Variation how, double longest_beats, Rng& rng);

// A motif that a scene is known by, and how its phrases go on from it.
struct Theme {
  int number = 0;  // counted from 1 as they were invented; 0 for one that is heard in one phrase alone
  Motif motif;
  int degree = 0;              // of the mode, on which it begins at home
  std::array<int, 4> moves{};  // where its statements stand in a phrase, round and round: steps from home
  double breath_beats = 1.0;   // between two statements
  size_t coloured = 1;         // the note before which a colour may pass, where there is to be one
  bool operator==(const Theme&) const = default;
};

// Four to six notes that mostly go by step and mostly go on in their direction; note_beats bounds their lengths.
Theme invent_theme(const Range& note_beats, int mode_size, Rng& rng);

}  // namespace auralis
