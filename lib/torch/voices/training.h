// SPDX-License-Identifier: MIT
// Trains the model of four voices and measures it, in nats a token. One thread: the same data and settings give the same
// weights again on the same machine.
#pragma once

#include <array>
#include <functional>
#include <span>

#include "torch/voices/network.h"

namespace auralis::voices {

struct TrainSettings {
  uint64_t seed = 1;
  int epochs = 40;
  int rows = 4;  // a step of the optimiser sees rows × steps steps
  int steps = 160;
  double rate = 2e-3;
  double decay = 0.6;
  double dropout = 0.3;
  double averaging = 0.998;  // the weights kept are a running mean over some 1 / (1 − averaging) of its steps
};

// −ln of the probability of a token, over the tokens that TonicNet counts: all but a piece's first chord, and its end.
struct Loss {
  std::array<double, voice_count + 1> sums{};  // chords, then voices as Voice has them
  std::array<double, voice_count + 1> tokens{};
  double by_piece = 0.0;  // the mean of each piece, summed: TonicNet's evaluation averages these
  double pieces = 0.0;
  double nats() const;           // a token
  double nats_by_piece() const;  // likewise, every piece counting the same
};

Loss measure(const Network& net, std::span<const melody::Piece> pieces);

struct Epoch {
  int number = 0;
  double train_nats = 0.0;  // with dropout, before the step, as it went by
  // Of the running mean of the weights, on the pieces that are held out; 0 where there are none.
  double held_nats = 0.0;
};

// The running mean of the weights at the end. In each epoch a piece is moved to another place in the voices' range.
Network train(Network net, std::span<const melody::Piece> pieces, std::span<const melody::Piece> held,
              const TrainSettings& settings, const std::function<void(const Epoch&)>& report);

}  // namespace auralis::voices
