// SPDX-License-Identifier: MIT
// MP3 as an endless stream for old players: constant bit rate, each frame by itself, so that one may join at any.
//   in        interleaved float32 at the stream's rate, in blocks of any size; one or two channels
//   out       whole frames of 1152 samples, at 48 kHz where the rate is a multiple of it, otherwise at 44.1
//   source    ISO/IEC 11172-3; libmp3lame
#pragma once

#include <memory>
#include <span>
#include <string>

namespace auralis {

class Mp3Stream {
 public:
  Mp3Stream(int rate, int channels, int bits_per_second);
  ~Mp3Stream();

  // Appends the frames that these samples complete.
  void encode(std::span<const float> interleaved, std::string& frames);
  // What is still held.
  void finish(std::string& frames);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auralis
