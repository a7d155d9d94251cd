// SPDX-License-Identifier: MIT
// Inner voices led by the model of four voices, among the voicings that the caller names.
//   voices       the highest pitch is the soprano, the lowest the bass; of those between, the highest is the alto and those
//                below are led as tenors, each told the voice above it. The likeliest is taken.
//   time         a chord lasts a quarter note, as it mostly does in what the model has learnt from, whatever it lasts here
//   fewer voices than four: the model imagines those that are missing, so that what it remembers is always of four
//   pitches      are moved by octaves into the model's range, all alike
//   same bytes   the network runs in its exact arithmetic, and the likeliest is the same on every machine
#pragma once

#include <span>

#include "model/voices_source.h"
#include "torch/voices/network.h"

namespace auralis::voices {

class ModelVoices : public VoicesSource {
 public:
  explicit ModelVoices(const Network& net);
  size_t choose(const ChordTones& chord, std::span<const Voicing> voicings) override;
  void sounded(const ChordTones& chord, const Voicing& voicing) override;

 private:
  Step begun(const ChordTones& chord, const Voicing& voicing);
  std::vector<double> logits(const at::Tensor& read, const Step& step, Voice voice) const;
  at::Tensor read() const;

  Network net_;
  Past past_ = beginning({});
  Memory memory_;  // of all steps before
};

}  // namespace auralis::voices
