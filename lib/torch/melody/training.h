// SPDX-License-Identifier: MIT
// Trains the melody network and measures it, in nats a note. One thread: the same data and settings give the
// same weights again on the same machine.
#pragma once

#include <functional>

#include "torch/melody/loss.h"
#include "torch/melody/network.h"

namespace auralis::melody {

struct TrainSettings {
  uint64_t seed = 1;
  int epochs = 24;
  int rows = 8;  // a step sees rows × notes notes
  int notes = 96;
  double rate = 2e-3;
  double decay = 0.6;
  double dropout = 0.3;
  double averaging = 0.999;  // the weights kept are a running mean over some 1 / (1 − averaging) steps
};

struct Epoch {
  int number = 0;
  Loss train;  // with dropout, before the step, as it went by
  Loss held;   // the running mean of the weights, on lines that are not trained on; 0 where there are none
};

Loss measure(const Network& net, std::span<const Line> lines);

// The running mean as it was at its best on `held`, or as it ended where nothing is held. `report` sees every epoch.
Network train(Network net, std::span<const Line> lines, std::span<const Line> held,
              const TrainSettings& settings, const std::function<void(const Epoch&)>& report);

}  // namespace auralis::melody
