// SPDX-License-Identifier: MIT
// A track: the last seconds of the stream in one codec, as messages made once and shared by every
// listener. A listener is a cursor into it. One that falls behind what is kept has lost its own oldest
// chunks, and nobody else's: its next chunk says so (discontinuity), and they are counted.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace auralis {

// One message, ready to be sent: in a WebSocket frame, where its codec goes over one. The bytes never change.
class Packet {
 public:
  enum class Framing { none, text, binary };
  static constexpr size_t no_flag = static_cast<size_t>(-1);

  // The byte at `flag_at` of the message is the one whose bit 0 says discontinuity.
  Packet(Framing framing, std::string_view message, int64_t due_us, size_t flag_at = no_flag);

  std::string_view bytes() const { return bytes_; }
  // Without the WebSocket's frame around it.
  std::string_view message() const { return bytes().substr(message_at_); }
  int64_t due_us() const { return due_us_; }

  // The same with that bit set. Made for the first listener that needs it, shared by all that do.
  std::shared_ptr<const Packet> flagged() const;

 private:
  std::string bytes_;
  int64_t due_us_;
  size_t message_at_;  // of the bytes
  size_t flag_at_;     // of the bytes
  mutable std::shared_ptr<const Packet> flagged_;
};

using PacketPtr = std::shared_ptr<const Packet>;

struct Cursor {
  uint64_t next = 0;
  uint64_t dropped = 0;
  bool lost = false;  // the next packet follows a gap
};

class Track {
 public:
  // Packets are kept until one comes that is due so much later.
  explicit Track(int64_t kept_us) : kept_us_(kept_us) {}

  void push(PacketPtr packet);
  // A cursor that begins with the packets of the last `history_us`.
  Cursor join(int64_t history_us) const;
  // Moves a cursor that fell behind to the oldest packet there is, and counts what it lost.
  void catch_up(Cursor& cursor) const;
  bool pending(const Cursor& cursor) const { return cursor.next < head_; }
  // The cursor's next packet, flagged where chunks before it were lost; nullptr when it has them all.
  PacketPtr take(Cursor& cursor) const;
  void clear() { packets_.clear(); }

 private:
  int64_t kept_us_;
  uint64_t head_ = 0;  // one past the newest
  std::deque<PacketPtr> packets_;
};

}  // namespace auralis
