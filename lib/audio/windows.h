// SPDX-License-Identifier: MIT
// Overlapping windows of sound that comes in blocks of any size.
//   in        interleaved float32
//   windows   of `frames` frames, one every `hop`, each channel by itself; what is left at the end makes none
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace auralis {

class Windows {
 public:
  Windows(int channels, int frames, int hop)
      : frames_(static_cast<size_t>(frames)),
        hop_(static_cast<size_t>(hop)),
        channels_(static_cast<size_t>(channels)) {
    for (auto& channel : channels_) channel.reserve(frames_);
  }

  // Calls each(window) for every window that becomes full: a vector of samples for each channel.
  template <typename Each>
  void add(std::span<const float> interleaved, const Each& each) {
    const size_t stride = channels_.size();
    while (!interleaved.empty()) {
      const size_t now = std::min(interleaved.size() / stride, frames_ - channels_[0].size());
      for (size_t c = 0; c < stride; ++c) {
        for (size_t i = 0; i < now; ++i) channels_[c].push_back(interleaved[i * stride + c]);
      }
      interleaved = interleaved.subspan(now * stride);
      if (channels_[0].size() < frames_) return;
      each(std::span<const std::vector<float>>(channels_));
      for (auto& channel : channels_)
        channel.erase(channel.begin(), channel.begin() + static_cast<long>(hop_));
    }
  }

 private:
  size_t frames_;
  size_t hop_;
  std::vector<std::vector<float>> channels_;
};

}  // namespace auralis
