// SPDX-License-Identifier: MIT
#include "serve/frame.h"

namespace auralis {
namespace {

template <typename Int>
void append(std::string& out, Int value) {
  for (size_t i = 0; i < sizeof value; ++i) out += static_cast<char>(value >> (8 * i));
}

template <typename Int>
Int read(std::string_view bytes) {
  Int value = 0;
  for (size_t i = 0; i < sizeof value; ++i)
    value = static_cast<Int>(value | static_cast<Int>(static_cast<uint8_t>(bytes[i])) << (8 * i));
  return value;
}

constexpr size_t position_at = 8;  // of the header's bytes

}  // namespace

std::string frame_header(const FrameHeader& header) {
  std::string out;
  out.reserve(frame_header_bytes);
  append(out, frame_version);
  append(out, header.codec);
  append(out, static_cast<uint8_t>(header.channels));
  append(out, static_cast<uint8_t>(header.discontinuity ? 1 : 0));
  append(out, header.sequence);
  append(out, header.position);
  append(out, header.rate);
  append(out, header.frames);
  return out;
}

OpusFrame read_opus_frame(std::string_view message) {
  OpusFrame frame{read<uint64_t>(message.substr(position_at)), {}};
  message.remove_prefix(frame_header_bytes);
  while (!message.empty()) {
    const size_t length = read<uint16_t>(message);
    frame.packets.push_back(message.substr(sizeof(uint16_t), length));
    message.remove_prefix(sizeof(uint16_t) + length);
  }
  return frame;
}

}  // namespace auralis
