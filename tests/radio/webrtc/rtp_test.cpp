// SPDX-License-Identifier: MIT
#include "radio/webrtc/rtp.h"

#include <doctest/doctest.h>

#include <string>

namespace auralis {
namespace {

std::deque<PeerPacket> packets(std::initializer_list<std::string> contents) {
  std::deque<PeerPacket> made;
  for (const std::string& opus : contents)
    made.push_back({opus, 4800 + 960 * static_cast<int64_t>(made.size()), 0});
  return made;
}

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += static_cast<char>(value);
  return text;
}

TEST_CASE("A header of RTP is that of RFC 3550: version 2, no padding, no extension, no marker") {
  const auto header = rtp_header({111, 0x1234, 0x89ABCDEF, 0x01020304});
  CHECK(std::string(header.begin(), header.end()) ==
        bytes({0x80, 111, 0x12, 0x34, 0x89, 0xAB, 0xCD, 0xEF, 1, 2, 3, 4}));
}

TEST_CASE("A packet without copies is a byte with the payload type, and Opus") {
  CHECK(red_payload(111, packets({"one", "two"}), 0) == bytes({111}) + "two");
  CHECK(red_payload(111, packets({"one"}), 2) == bytes({111}) + "one");
}

TEST_CASE("Copies stand before the packet, the oldest first, with how much earlier each is and how long") {
  // 1 and 111; 1920 frames in 14 bits, 3 bytes in 10; then the same with 960 frames and 2 bytes.
  CHECK(red_payload(111, packets({"old", "er", "new"}), 2) ==
        bytes({0x80 | 111, 1920 >> 6, (1920 & 63) << 2, 3, 0x80 | 111, 960 >> 6, (960 & 63) << 2, 2, 111}) +
            "olderne" + "w");
  CHECK(red_payload(96, packets({"old", "er", "new"}), 1) ==
        bytes({0x80 | 96, 960 >> 6, (960 & 63) << 2, 2, 96}) + "ernew");
}

TEST_CASE(
    "A copy that has no room in a packet, or is too long or too far away to be described, is left out") {
  const std::string long_one(700, 'a');
  CHECK(red_payload(111, packets({"x", long_one, long_one}), 2) == bytes({111}) + long_one);
  CHECK(red_payload(111, packets({std::string(1024, 'b'), "new"}), 1) == bytes({111}) + "new");
  std::deque<PeerPacket> apart = packets({"old", "new"});
  apart.back().position += 1 << 14;
  CHECK(red_payload(111, apart, 1) == bytes({111}) + "new");
  apart.back().position = apart.front().position;
  CHECK(red_payload(111, apart, 1) == bytes({111}) + "new");
}

TEST_CASE(
    "Who has reported no losses for long gets fewer copies, and all of them again with the first loss") {
  Redundancy redundancy;
  CHECK(redundancy.copies() == 2);
  redundancy.report(0, 0);
  redundancy.report(0, Redundancy::calm_us - 1);
  CHECK(redundancy.copies() == 2);
  redundancy.report(0, Redundancy::calm_us);
  CHECK(redundancy.copies() == 1);
  redundancy.report(0, 2 * Redundancy::calm_us);
  CHECK(redundancy.copies() == 0);
  redundancy.report(0, 9 * Redundancy::calm_us);
  CHECK(redundancy.copies() == 0);
  redundancy.report(0.01, 9 * Redundancy::calm_us + 1);
  CHECK(redundancy.copies() == 2);
  redundancy.report(0, 9 * Redundancy::calm_us + 2);
  CHECK(redundancy.copies() == 2);
}

}  // namespace
}  // namespace auralis
