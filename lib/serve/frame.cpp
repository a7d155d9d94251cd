// SPDX-License-Identifier: MIT
#include "serve/frame.h"

namespace auralis {
namespace {

template <typename Int>
void append(std::string& out, Int value) {
  for (size_t i = 0; i < sizeof value; ++i) out += static_cast<char>(value >> (8 * i));
}

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

}  // namespace auralis
