// SPDX-License-Identifier: MIT
// Opus for listeners: bare packets for the WebSocket, an Ogg stream for players.
//   in        interleaved float32 at the stream's rate, in blocks of any size; one or two channels
//   packets   20 ms at 48 kHz; each 20 ms of input complete one. Frame n of what a decoder makes of them is frame
//             n − delay_frames() of the input, at 48 kHz
//   state     filters and predictors run on from block to block: one encoder a stream
//   source    RFC 6716 (Opus), RFC 7845 (Ogg Opus); libopus, libopusenc; libsamplerate's band-limited sinc
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "audio/sound_tags.h"

namespace auralis {

inline constexpr int opus_rate = 48000;
inline constexpr int opus_packet_frames = 960;

class OpusPackets {
 public:
  OpusPackets(int rate, int channels, int bits_per_second);
  ~OpusPackets();

  // Appends the packets that these frames complete.
  void encode(std::span<const float> interleaved, std::vector<std::string>& packets);
  int delay_frames() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class OggOpusStream {
 public:
  OggOpusStream(int rate, int channels, int bits_per_second, const SoundTags& tags = {});
  ~OggOpusStream();

  // The pages every listener needs first, whenever they join; after them any later pages play.
  const std::string& header() const;
  // Appends the whole pages that these frames complete; a page holds at most 100 ms.
  void encode(std::span<const float> interleaved, std::string& pages);
  // The last pages, with the end-of-stream mark.
  void finish(std::string& pages);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auralis
