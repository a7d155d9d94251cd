// SPDX-License-Identifier: MIT
#include "serve/track.h"

#include <algorithm>
#include <utility>

#include "net/web_socket.h"

namespace auralis {

Packet::Packet(Framing framing, std::string_view message, int64_t due_us, size_t flag_at)
    : bytes_(framing == Framing::none
                 ? std::string(message)
                 : web_socket_frame(framing == Framing::text ? FrameKind::text : FrameKind::binary, message)),
      due_us_(due_us),
      message_at_(bytes_.size() - message.size()),
      flag_at_(flag_at == no_flag ? no_flag : flag_at + message_at_) {}

PacketPtr Packet::flagged() const {
  if (!flagged_) {
    auto copy = std::make_shared<Packet>(*this);
    if (flag_at_ != no_flag) copy->bytes_[flag_at_] |= 1;
    flagged_ = std::move(copy);
  }
  return flagged_;
}

void Track::push(PacketPtr packet) {
  packets_.push_back(std::move(packet));
  ++head_;
  while (packets_.back()->due_us() - packets_.front()->due_us() >= kept_us_) packets_.pop_front();
}

Cursor Track::join(int64_t history_us) const {
  const auto old = [this, history_us](const PacketPtr& packet) {
    return packets_.back()->due_us() - packet->due_us() >= history_us;
  };
  const auto first = std::find_if_not(packets_.begin(), packets_.end(), old);
  return {head_ - static_cast<uint64_t>(packets_.end() - first), 0, false};
}

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
