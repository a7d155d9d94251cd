// SPDX-License-Identifier: MIT
// What train-melody does with the model of four voices.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "torch/voices/network.h"

namespace auralis {

struct VoicesTraining {
  voices::Shape shape;
  uint64_t seed = 1;
  std::optional<int> epochs;
  std::optional<double> dropout;
  std::optional<double> decay;
  bool hold_out = false;  // trains without every tenth piece, and measures on these
};
// Writes the weights and prints what they measure on the valid part, where there is one.
void train_voices(const std::string& file, const std::string& weights, const VoicesTraining& training);

void evaluate_voices(const std::string& file, const std::string& weights);

}  // namespace auralis
