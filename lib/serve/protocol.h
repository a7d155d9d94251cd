// SPDX-License-Identifier: MIT
// What travels over a listener's WebSocket. Binary audio frames, little-endian, 24 bytes before the sound:
//   u8 version = 1 · u8 codec (0 PCM s16, 1 Opus) · u8 channels · u8 flags (bit 0: discontinuity)
//   u32 sequence · u64 position (frames since the stream began, at this frame's rate) · u32 rate · u32 frames
//   payload    PCM: interleaved s16; Opus: packets of 20 ms, each after its length as u16
// and JSON messages with a `type`. In codec base64 the sound is JSON, too: audio_chunk.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/base64.h"
#include "net/http.h"

namespace auralis {

inline constexpr std::string_view subprotocol_name = "auralis.v1";
inline constexpr size_t frame_header_bytes = 24;
inline constexpr uint8_t frame_version = 1;

enum class Codec : uint8_t { pcm = 0, opus = 1, base64 = 2 };
std::optional<Codec> find_codec(std::string_view name);
std::string_view codec_name(Codec codec);

struct FrameHeader {
  Codec codec = Codec::pcm;
  int channels = 2;
  bool discontinuity = false;
  uint32_t sequence = 0;
  uint64_t position = 0;
  uint32_t rate = 44100;
  uint32_t frames = 0;

  bool operator==(const FrameHeader&) const = default;
};

void pack_header(const FrameHeader& header, unsigned char* out);
// nullopt for fewer than 24 bytes, another version or an unknown codec.
std::optional<FrameHeader> unpack_header(std::string_view bytes);

// {type: audio_chunk, seq, position, sample_rate, channels, num_samples (per channel), duration_ms, data} and
// flags as in the binary frame.
std::string audio_chunk_message(const FrameHeader& header, std::string_view pcm);

}  // namespace auralis
