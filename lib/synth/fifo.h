// SPDX-License-Identifier: MIT
// Frames in the order they were made, interleaved stereo, handed out in blocks of any size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "synth/quantum.h"

namespace auralis {

class Fifo {
 public:
  int64_t size() const { return static_cast<int64_t>(frames_.size() - head_) / 2; }

  void append(const StereoQuantum& quantum) {
    // What was handed out goes before it outweighs what is left, so that the room needed stays the same for ever.
    if (head_ == frames_.size() || (head_ >= 16384 && 2 * head_ >= frames_.size())) {
      frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    const size_t at = frames_.size();
    frames_.resize(at + 2 * quantum_frames);
    float* to = frames_.data() + at;
    for (int n = 0; n < quantum_frames; ++n) {
      to[2 * n] = quantum[0][n];
      to[2 * n + 1] = quantum[1][n];
    }
  }
  void append_silence(int64_t frames) {
    frames_.resize(frames_.size() + static_cast<size_t>(2 * frames), 0.0F);
  }
  void drop(int64_t frames) { head_ += static_cast<size_t>(2 * frames); }
  float* front() { return frames_.data() + head_; }
  void reserve(int64_t frames) { frames_.reserve(static_cast<size_t>(2 * frames)); }

 private:
  std::vector<float> frames_;
  size_t head_ = 0;
};

}  // namespace auralis
