// SPDX-License-Identifier: MIT
// The SHA-256 of the samples that leave a render, whatever file or stream they leave in.
//   bytes   every sample, interleaved, little-endian, in the output's sample format (s16 dithered), without any header:
//           what `--raw` writes
//   lossy   for .ogg and .opus the f32 samples that go into the encoder
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "audio/pcm.h"
#include "render/sha256.h"

namespace auralis {

class PcmSum {
 public:
  explicit PcmSum(SampleFormat format) : format_(format) {}

  void add(std::span<const float> interleaved);
  std::string hex() const { return hash_.hex(); }
  SampleFormat format() const { return format_; }

 private:
  SampleFormat format_;
  Sha256 hash_;
  int64_t samples_ = 0;
  std::string bytes_;
};

}  // namespace auralis
