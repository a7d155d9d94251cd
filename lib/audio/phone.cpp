// SPDX-License-Identifier: MIT
#include "audio/phone.h"

#include <cmath>
#include <numbers>

namespace auralis {
namespace {

constexpr double speaker_hz = 350.0;

}  // namespace

PhoneMeter::PhoneMeter(int rate, int channels)
    : channels_(static_cast<size_t>(channels)),
      states_(channels_),
      loudness_(rate, channels, LoudnessMeter::Of::integrated) {
  const double k = std::tan(std::numbers::pi * speaker_hz / rate);
  for (size_t s = 0; s < sections; ++s) {
    // The poles lie evenly on a half circle; each section has a pair of them.
    const double angle = std::numbers::pi * (static_cast<double>(s) + 0.5) / (2 * sections);
    const double damping = 2.0 * std::cos(angle);
    const double norm = 1.0 / (1.0 + k * damping + k * k);
    sections_[s] = {norm, 2.0 * (k * k - 1.0) * norm, (1.0 - k * damping + k * k) * norm};
  }
}

void PhoneMeter::add(std::span<const float> interleaved) {
  through_.resize(interleaved.size());
  for (size_t c = 0; c < channels_; ++c) {
    for (size_t i = c; i < interleaved.size(); i += channels_) {
      auto x = static_cast<double>(interleaved[i]);
      for (size_t s = 0; s < sections; ++s) {
        const Section& section = sections_[s];
        State& state = states_[c][s];
        const double y = section.gain * x + state.first;
        state.first = -2.0 * section.gain * x - section.a1 * y + state.second;
        state.second = section.gain * x - section.a2 * y;
        x = y;
      }
      through_[i] = static_cast<float>(x);
    }
  }
  loudness_.add(through_);
}

}  // namespace auralis
