// SPDX-License-Identifier: MIT
// Packets of RTP (RFC 3550) with Opus in them, and copies of the packets before (RED, RFC 2198) for who loses some.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>

#include "radio/peers.h"

namespace auralis {

constexpr size_t rtp_header_bytes = 12;
constexpr size_t largest_payload = 1200;  // bytes: what passes everywhere, with all headers

struct RtpHeader {
  int payload = 0;
  uint16_t sequence = 0;
  uint32_t timestamp = 0;  // frames
  uint32_t ssrc = 0;
};
std::array<uint8_t, rtp_header_bytes> rtp_header(const RtpHeader& header);

// The last of `packets`, after up to so many of those before it, as far as there is room. `opus` is its payload type.
std::string red_payload(int opus, const std::deque<PeerPacket>& packets, size_t copies);

// How many copies go to a listener: all of them from the start and whenever a report tells of losses, fewer after each
// `calm_us` without.
class Redundancy {
 public:
  static constexpr size_t most = 2;
  static constexpr int64_t calm_us = 10'000'000;

  size_t copies() const { return copies_; }
  // lost: the share since the report before
  void report(double lost, int64_t now_us);

 private:
  size_t copies_ = most;
  int64_t calm_since_us_ = -1;
};

}  // namespace auralis
