// SPDX-License-Identifier: MIT
#include "radio/webrtc/rtp.h"

#include <algorithm>

namespace auralis {
namespace {

constexpr size_t block_header_bytes = 4;
constexpr size_t longest_block = (1U << 10) - 1;
constexpr int64_t farthest_frames = (1 << 14) - 1;

// 1, the payload type in 7 bits, how much earlier in 14, how long in 10.
void append_block_header(std::string& out, int payload, int64_t earlier, size_t length) {
  const auto bits = 1U << 31 | static_cast<uint32_t>(payload) << 24 | static_cast<uint32_t>(earlier) << 10 |
                    static_cast<uint32_t>(length);
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(bits >> shift & 0xFF);
}

}  // namespace

std::array<uint8_t, rtp_header_bytes> rtp_header(const RtpHeader& header) {
  std::array<uint8_t, rtp_header_bytes> bytes{};
  bytes[0] = 2 << 6;  // the version
  bytes[1] = static_cast<uint8_t>(header.payload);
  bytes[2] = static_cast<uint8_t>(header.sequence >> 8);
  bytes[3] = static_cast<uint8_t>(header.sequence);
  for (int i = 0; i < 4; ++i) {
    bytes[static_cast<size_t>(4 + i)] = static_cast<uint8_t>(header.timestamp >> (24 - 8 * i));
    bytes[static_cast<size_t>(8 + i)] = static_cast<uint8_t>(header.ssrc >> (24 - 8 * i));
  }
  return bytes;
}

std::string red_payload(int opus, const std::deque<PeerPacket>& packets, size_t copies) {
  const PeerPacket& newest = packets.back();
  size_t first = packets.size() - 1;
  size_t bytes = 1 + newest.opus.size();
  for (size_t left = std::min(copies, first); left > 0; --left) {
    const PeerPacket& earlier = packets[first - 1];
    const size_t more = block_header_bytes + earlier.opus.size();
    const int64_t frames = newest.position - earlier.position;
    if (earlier.opus.size() > longest_block || frames <= 0 || frames > farthest_frames ||
        bytes + more > largest_payload)
      break;
    bytes += more;
    --first;
  }
  std::string payload;
  payload.reserve(bytes);
  for (size_t i = first; i + 1 < packets.size(); ++i)
    append_block_header(payload, opus, newest.position - packets[i].position, packets[i].opus.size());
  payload += static_cast<char>(opus);
  for (size_t i = first; i < packets.size(); ++i) payload += packets[i].opus;
  return payload;
}

void Redundancy::report(double lost, int64_t now_us) {
  if (lost > 0) {
    copies_ = most;
    calm_since_us_ = -1;
    return;
  }
  if (calm_since_us_ < 0) calm_since_us_ = now_us;
  if (now_us - calm_since_us_ < calm_us || copies_ == 0) return;
  --copies_;
  calm_since_us_ = now_us;
}

}  // namespace auralis
