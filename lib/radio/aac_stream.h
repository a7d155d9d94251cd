// SPDX-License-Identifier: MIT
// AAC-LC as an endless stream for old players: ADTS, each frame by itself, so that one may join at any.
//   in        interleaved float32 at the stream's rate, in blocks of any size; one or two channels
//   out       whole frames of 1024 samples at 48 kHz
//   plugin    libavcodec stands on many libraries: it is loaded with the first who asks for such a stream
//   source    ISO/IEC 14496-3, 1.A.3; libavcodec (radio/av)
#pragma once

#include <memory>
#include <span>
#include <string>

namespace auralis {

class AacStream {
 public:
  virtual ~AacStream() = default;
  // Appends the frames that these samples complete.
  virtual void encode(std::span<const float> interleaved, std::string& frames) = 0;
  // What is still held.
  virtual void finish(std::string& frames) = 0;
};

// What the plugin's entry, a C function of no arguments, returns.
struct AacPlugin {
  const char* version;
  std::unique_ptr<AacStream> (*open)(int rate, int channels);
};

// Loaded now, where it is not yet. Throws Error{environment}.
const AacPlugin& aac_plugin();

}  // namespace auralis
