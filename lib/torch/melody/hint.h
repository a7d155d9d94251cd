// SPDX-License-Identifier: MIT
// What a model is worth that is given hints of a motif. In a chorale's line a motif is what was heard before: where the last three
// notes have the steps and lengths of three earlier in the line, the note after those is what the motif has here, as the
// composer hints it to a source (MelodyIntent). A model that gives it the probability p then gives it p e^n / (1 + p (e^n − 1)),
// and all others less in their proportions; n, in nats, is the same for every note.
//   errors  none: a hint has nothing of the note itself, only of what came before it
#pragma once

#include <span>
#include <vector>

#include "torch/melody/line.h"
#include "torch/melody/loss.h"
#include "torch/melody/network.h"
#include "torch/melody/ngram.h"

namespace auralis::melody {

struct Hint {
  int symbol = -1;  // −1: no hint
  int length = -1;
};
std::vector<Hint> hints_in(const Line& line);

// What a model gives, of itself, to the actual note and to the one hinted at (0 where none is).
struct Odds {
  double actual = 0.0;
  double hinted = 0.0;
  bool alike = false;
};
struct NoteOdds {
  Odds symbol, length;
};
std::vector<NoteOdds> odds_of(const Network& net, std::span<const Line> lines);
std::vector<NoteOdds> odds_of(const Baseline& baseline, std::span<const Line> train,
                              std::span<const Line> lines);

Loss hinted_loss(std::span<const NoteOdds> odds, double nats);

}  // namespace auralis::melody
