// SPDX-License-Identifier: MIT
// What a training and an evaluation have to say, for people to read.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "torch/melody/loss.h"
#include "torch/melody/training.h"

namespace auralis::melody {

// printf into a string of at most 511 bytes.
[[gnu::format(printf, 1, 2)]] std::string print(const char* format, ...);

struct Scored {
  std::string name;
  Loss loss;
};

// A table of nats a note and, last, by how much the network is below the best baseline: in the sum, and with
// the symbols of one baseline and the lengths of another where that is the best there is.
std::string evaluation_table(const Scored& network, std::span<const Scored> baselines);

// The network and the best of the baselines where both are told a motif, by so many nats (hint.h).
std::string hinted_table(double nats, const Loss& network, const Scored& best_baseline);

// The training curve as an SVG picture: nats a note over epochs, and the final measures on the validation
// part.
std::string training_curve(std::span<const Epoch> epochs, const Loss& valid, const Scored& best_baseline);

const Scored& best_of(std::span<const Scored> baselines);

}  // namespace auralis::melody
