// SPDX-License-Identifier: MIT
#include "serve/track.h"

#include <doctest/doctest.h>

#include <cstring>
#include <string>

#include "serve/frame.h"

namespace auralis {
namespace {

constexpr int64_t period_us = 100'000;

PacketPtr packet(int number) {
  const std::string header = frame_header({.sequence = static_cast<uint32_t>(number)});
  return std::make_shared<Packet>(Packet::Framing::binary, header + "sound", number * period_us,
                                  frame_flags_at);
}

struct Seen {
  uint32_t sequence;
  bool discontinuity;
};

Seen header_of(const PacketPtr& packet) {
  const std::string_view message = packet->bytes().substr(2);  // a server's short frame
  uint32_t sequence = 0;
  std::memcpy(&sequence, message.data() + 4, sizeof sequence);
  return {sequence, (message[frame_flags_at] & 1) != 0};
}

}  // namespace

TEST_CASE("Two listeners get the very same packets, in order") {
  Track track(10 * period_us);
  Cursor a = track.join(0);
  Cursor b = track.join(0);
  for (int i = 0; i < 5; ++i) track.push(packet(i));
  for (uint32_t i = 0; i < 5; ++i) {
    const PacketPtr from_a = track.take(a);
    CHECK(from_a == track.take(b));
    CHECK(header_of(from_a).sequence == i);
    CHECK_FALSE(header_of(from_a).discontinuity);
  }
  CHECK(track.take(a) == nullptr);
}

TEST_CASE("A slow listener loses its own oldest packets, flagged and counted; a quick one nothing") {
  Track track(10 * period_us);
  Cursor slow = track.join(0);
  Cursor quick = track.join(0);
  for (int i = 0; i < 25; ++i) {
    track.push(packet(i));
    CHECK_FALSE(header_of(track.take(quick)).discontinuity);
  }
  const PacketPtr first = track.take(slow);
  CHECK(header_of(first).sequence == 15);
  CHECK(header_of(first).discontinuity);
  CHECK(slow.dropped == 15);
  CHECK(quick.dropped == 0);
  const PacketPtr second = track.take(slow);
  CHECK(header_of(second).sequence == 16);
  CHECK_FALSE(header_of(second).discontinuity);
}

TEST_CASE("Flagging a packet for one listener does not flag it for another") {
  Track track(1 * period_us);
  Cursor slow = track.join(0);
  track.push(packet(0));
  track.push(packet(1));
  Cursor late = track.join(1 * period_us);
  const PacketPtr flagged = track.take(slow);
  CHECK(header_of(flagged).discontinuity);
  CHECK_FALSE(header_of(track.take(late)).discontinuity);
  CHECK(flagged->bytes().ends_with("sound"));
}

TEST_CASE("A newcomer begins with the newest packets, as many as there are") {
  Track track(10 * period_us);
  CHECK(track.join(3 * period_us).next == 0);
  for (int i = 0; i < 2; ++i) track.push(packet(i));
  CHECK(track.join(3 * period_us).next == 0);
  for (int i = 2; i < 20; ++i) track.push(packet(i));
  Cursor cursor = track.join(3 * period_us);
  CHECK(header_of(track.take(cursor)).sequence == 17);
  CHECK(cursor.dropped == 0);
}

TEST_CASE("A track that is cleared and used again goes on counting") {
  Track track(10 * period_us);
  track.push(packet(0));
  track.clear();
  Cursor cursor = track.join(5 * period_us);
  CHECK_FALSE(track.pending(cursor));
  track.push(packet(1));
  CHECK(header_of(track.take(cursor)).sequence == 1);
  CHECK(cursor.dropped == 0);
}

}  // namespace auralis
