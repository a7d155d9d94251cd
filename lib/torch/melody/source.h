// SPDX-License-Identifier: MIT
// Melodies drawn from the transformer, note by note, under the caller's constraints.
//   drawing      one of the symbols whose pitches are open, by temperature and top-p; then a length, likewise. What the
//                motif has there is so many nats likelier than the network finds it: a product of the two's odds
//   same bytes   the network runs in its exact arithmetic and the drawing in products and sums: nothing depends on the
//                processor, its libraries or the number of threads
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "model/melody_source.h"
#include "model/rng.h"
#include "torch/melody/network.h"

namespace auralis::melody {

// Probabilities of logits under a taste. The most likely are kept until they hold top_p between them; the
// others are 0.
std::vector<double> tempered(std::span<const double> logits, const MelodyTaste& taste);

class TransformerMelody : public MelodySource {
 public:
  TransformerMelody(const Network& net, uint64_t seed);
  MelodyNote next(const MelodyPlace& place, std::span<const int> open, const MelodyIntent& intent,
                  const MelodyTaste& taste) override;
  void played(const MelodyPlace& place, const MelodyNote& note) override;

 private:
  struct Reading {
    Batch batch;
    at::Tensor read;
    Memory memory;
  };
  Reading read(const Condition& condition) const;

  Network net_;
  Rng rng_;
  Line line_;      // the last notes played
  Memory memory_;  // of all before the last
};

}  // namespace auralis::melody
