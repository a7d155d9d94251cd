// SPDX-License-Identifier: MIT
// A motif: a short shape in steps of the mode and beats, and what may be done with it.
#pragma once

#include <vector>

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

}  // namespace auralis
