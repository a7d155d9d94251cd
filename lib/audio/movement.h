// SPDX-License-Identifier: MIT
// What changes while a piece sounds: the shape of its spectrum (timbre.h) and the level of its bands (envelope.h).
//   in        interleaved float32, nominal ±1, one or two channels, in blocks of any size
//   windows   a tenth of a second, Hann, 40 a second: the mean power of the channels
#pragma once

#include <span>
#include <vector>

#include "audio/envelope.h"
#include "audio/spectrum.h"
#include "audio/timbre.h"
#include "audio/windows.h"

namespace auralis {

inline constexpr int windows_per_second = 40;

struct Movement {
  Timbre timbre;
  std::vector<Envelope> envelopes;
};

class MovementMeter {
 public:
  MovementMeter(int rate, int channels);

  void add(std::span<const float> interleaved);
  Movement figures() const { return {timbre_.figures(), envelopes_.figures()}; }

 private:
  Windows windows_;
  Spectrum spectrum_;
  std::vector<float> power_;
  TimbreMeter timbre_;
  EnvelopeMeter envelopes_;
};

}  // namespace auralis
