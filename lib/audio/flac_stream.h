// SPDX-License-Identifier: MIT
// FLAC as it is made, piece by piece, for who cannot go back to its beginning: how long it will be is said at first.
//   in       interleaved 16-bit PCM, little-endian, in blocks of any size; one to eight channels
//   out      the bytes of a native FLAC file; decoded they are the samples that came, bit for bit
//   errors   Error{environment} where libFLAC does not take the format
//   source   RFC 9639 (FLAC); libFLAC
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace auralis {

class FlacStream {
 public:
  FlacStream(int rate, int channels, int64_t frames);
  ~FlacStream();

  // Appends what these samples complete; the header comes with the first.
  void encode(std::string_view s16, std::string& bytes);
  // Appends what is still held.
  void finish(std::string& bytes);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auralis
