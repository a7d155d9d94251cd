// SPDX-License-Identifier: MIT
// The binary audio frame of the WebSocket, little-endian, 24 bytes before the sound:
//   u8 version = 1 · u8 codec (0 PCM s16, 1 Opus) · u8 channels · u8 flags (bit 0: discontinuity)
//   u32 sequence · u64 position (frames since the stream began, at this frame's rate) · u32 rate · u32 frames
//   payload    PCM: interleaved s16; Opus: packets of 20 ms, each after its length as u16
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace auralis {

inline constexpr size_t frame_header_bytes = 24;
inline constexpr uint8_t frame_version = 1;
inline constexpr size_t frame_flags_at = 3;  // of its bytes

struct FrameHeader {
  uint8_t codec = 0;
  int channels = 2;
  bool discontinuity = false;
  uint32_t sequence = 0;
  uint64_t position = 0;
  uint32_t rate = 44100;
  uint32_t frames = 0;
};

// The header as its bytes; the sound is appended.
std::string frame_header(const FrameHeader& header);

// What a frame of Opus that we made holds.
struct OpusFrame {
  uint64_t position = 0;
  std::vector<std::string_view> packets;  // in the message
};
OpusFrame read_opus_frame(std::string_view message);

}  // namespace auralis
