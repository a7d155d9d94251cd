// SPDX-License-Identifier: MIT
#include "audio/movement.h"

#include <algorithm>

namespace auralis {
namespace {

constexpr int overlap = 4;

// A whole number of tens, so that the windows' length has small factors, which the transform likes.
int hop_frames(int rate) { return rate / windows_per_second / 10 * 10; }

}  // namespace

MovementMeter::MovementMeter(int rate, int channels)
    : windows_(channels, overlap * hop_frames(rate), hop_frames(rate)),
      spectrum_(overlap * hop_frames(rate)),
      power_(static_cast<size_t>(spectrum_.frames()) / 2 + 1),
      timbre_(rate, spectrum_.frames()),
      envelopes_(rate, spectrum_.frames(), static_cast<double>(rate) / hop_frames(rate)) {}

void MovementMeter::add(std::span<const float> interleaved) {
  windows_.add(interleaved, [this](auto window) {
    std::ranges::fill(power_, 0.0f);
    for (const std::vector<float>& channel : window) {
      const std::span<const float> power = spectrum_.power(channel);
      for (size_t i = 0; i < power_.size(); ++i) power_[i] += power[i] / static_cast<float>(window.size());
    }
    timbre_.add(power_);
    envelopes_.add(power_);
  });
}

}  // namespace auralis
