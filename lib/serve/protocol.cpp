// SPDX-License-Identifier: MIT
#include "serve/protocol.h"

#include <array>
#include <nlohmann/json.hpp>

namespace auralis {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> codec_names{"pcm", "opus", "base64"};

template <typename Int>
void put(unsigned char* out, Int value) {
  for (size_t i = 0; i < sizeof value; ++i) out[i] = static_cast<unsigned char>(value >> (8 * i));
}

template <typename Int>
Int get(std::string_view bytes, size_t at) {
  Int value = 0;
  for (size_t i = 0; i < sizeof value; ++i) {
    value |= static_cast<Int>(static_cast<Int>(static_cast<unsigned char>(bytes[at + i])) << (8 * i));
  }
  return value;
}

}  // namespace

std::optional<Codec> find_codec(std::string_view name) {
  for (size_t i = 0; i < codec_names.size(); ++i) {
    if (codec_names[i] == name) return static_cast<Codec>(i);
  }
  return std::nullopt;
}

std::string_view codec_name(Codec codec) { return codec_names[static_cast<size_t>(codec)]; }

void pack_header(const FrameHeader& header, unsigned char* out) {
  out[0] = frame_version;
  out[1] = static_cast<unsigned char>(header.codec);
  out[2] = static_cast<unsigned char>(header.channels);
  out[3] = header.discontinuity ? 1 : 0;
  put(out + 4, header.sequence);
  put(out + 8, header.position);
  put(out + 16, header.rate);
  put(out + 20, header.frames);
}

std::optional<FrameHeader> unpack_header(std::string_view bytes) {
  if (bytes.size() < frame_header_bytes || bytes[0] != frame_version || get<uint8_t>(bytes, 1) > 1)
    return std::nullopt;
  FrameHeader header;
  header.codec = static_cast<Codec>(bytes[1]);
  header.channels = get<uint8_t>(bytes, 2);
  header.discontinuity = (bytes[3] & 1) != 0;
  header.sequence = get<uint32_t>(bytes, 4);
  header.position = get<uint64_t>(bytes, 8);
  header.rate = get<uint32_t>(bytes, 16);
  header.frames = get<uint32_t>(bytes, 20);
  return header;
}

std::string audio_chunk_message(const FrameHeader& header, std::string_view pcm) {
  const json message{{"type", "audio_chunk"},
                     {"seq", header.sequence},
                     {"position", header.position},
                     {"sample_rate", header.rate},
                     {"channels", header.channels},
                     {"num_samples", header.frames},
                     {"duration_ms", 1000.0 * header.frames / header.rate},
                     {"flags", header.discontinuity ? 1 : 0},
                     {"data", base64_encode(pcm)}};
  return message.dump();
}

}  // namespace auralis
