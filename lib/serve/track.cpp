// SPDX-License-Identifier: MIT
#include "serve/track.h"

#include <algorithm>
#include <utility>

namespace auralis {

Packet::Packet(std::string_view message, size_t header_bytes, size_t flag_at, int64_t due_us)
    : bytes_(headroom + message.size()), header_bytes_(header_bytes), flag_at_(flag_at), due_us_(due_us) {
  std::copy(message.begin(), message.end(), bytes_.begin() + headroom);
}

PacketPtr Packet::flagged() const {
  if (!flagged_) {
    auto copy = std::make_shared<Packet>(*this);
    if (flag_at_ != no_flag) copy->bytes_[headroom + flag_at_] |= 1;
    flagged_ = std::move(copy);
  }
  return flagged_;
}

void Track::push(PacketPtr packet) {
  packets_.push_back(std::move(packet));
  ++head_;
  if (packets_.size() > kept_) packets_.pop_front();
}

Cursor Track::join(size_t packets) const { return {head_ - std::min(packets, packets_.size()), 0, false}; }

void Track::catch_up(Cursor& cursor) const {
  const uint64_t oldest = head_ - packets_.size();
  if (cursor.next >= oldest) return;
  cursor.dropped += oldest - cursor.next;
  cursor.next = oldest;
  cursor.lost = true;
}

PacketPtr Track::take(Cursor& cursor) const {
  catch_up(cursor);
  if (cursor.next >= head_) return nullptr;
  const PacketPtr& packet = packets_[cursor.next++ - (head_ - packets_.size())];
  return std::exchange(cursor.lost, false) ? packet->flagged() : packet;
}

}  // namespace auralis
