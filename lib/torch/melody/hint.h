// SPDX-License-Identifier: MIT
// How well a model predicts the notes of a line when it is told which note a motif would have next.
//   motif   in a chorale, a figure that was heard before: where the last three notes have the steps and lengths of three
//           earlier ones in the line, the note that followed those is the hint. It depends only on what came before
//   odds    as with a MelodyIntent: where the model by itself gives the hinted note the probability p, it now gives it
//           p e^n / (1 + p (e^n − 1)), and the others share the rest in their old proportions. n, in nats, is the same
//           for every note
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
