// SPDX-License-Identifier: MIT
// A ring of frames between one writing and one reading thread, without locks.
//   frames     interleaved float32; positions are absolute: frames since the ring was made
//   capacity   rounded up to a power of two
//   steady     write and read never wait, never allocate; they answer how many frames they took
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace auralis {

class FrameRing {
 public:
  FrameRing(int channels, int64_t capacity_frames)
      : channels_(static_cast<size_t>(channels)),
        capacity_(std::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(capacity_frames, 1)))),
        samples_(capacity_ * channels_) {}

  int channels() const { return static_cast<int>(channels_); }
  int64_t capacity_frames() const { return static_cast<int64_t>(capacity_); }
  int64_t written() const { return written_.load(std::memory_order_acquire); }
  int64_t taken() const { return taken_.load(std::memory_order_acquire); }
  // Right for the reader; for the writer an upper bound.
  int64_t available_frames() const { return written() - taken(); }
  // Right for the writer; for the reader a lower bound.
  int64_t free_frames() const { return capacity_frames() - available_frames(); }

  // The writer's side: the frames that fitted.
  int64_t write(std::span<const float> interleaved) {
    const int64_t at = written_.load(std::memory_order_relaxed);
    const int64_t frames = std::min(static_cast<int64_t>(interleaved.size() / channels_), free_frames());
    copy(at, frames, [&](size_t ring, size_t flat, size_t count) {
      std::memcpy(&samples_[ring], &interleaved[flat], count * sizeof(float));
    });
    written_.store(at + frames, std::memory_order_release);
    return frames;
  }

  // The reader's side: the frames that were there.
  int64_t read(std::span<float> interleaved) {
    const int64_t at = taken_.load(std::memory_order_relaxed);
    const int64_t frames = std::min(static_cast<int64_t>(interleaved.size() / channels_), available_frames());
    copy(at, frames, [&](size_t ring, size_t flat, size_t count) {
      std::memcpy(&interleaved[flat], &samples_[ring], count * sizeof(float));
    });
    taken_.store(at + frames, std::memory_order_release);
    return frames;
  }

 private:
  // Calls move(ring index, flat index, samples) for the one or two pieces in which these frames lie.
  template <typename Move>
  void copy(int64_t at, int64_t frames, const Move& move) const {
    const size_t start = static_cast<size_t>(static_cast<uint64_t>(at) & (capacity_ - 1)) * channels_;
    const size_t total = static_cast<size_t>(frames) * channels_;
    const size_t first = std::min(total, samples_.size() - start);
    if (first > 0) move(start, size_t{0}, first);
    if (total > first) move(size_t{0}, first, total - first);
  }

  size_t channels_;
  uint64_t capacity_;
  std::vector<float> samples_;
  alignas(64) std::atomic<int64_t> written_{0};
  alignas(64) std::atomic<int64_t> taken_{0};
};

}  // namespace auralis
