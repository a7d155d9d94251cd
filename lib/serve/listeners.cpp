// SPDX-License-Identifier: MIT
#include "serve/listeners.h"

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "net/http.h"

namespace auralis {

using nlohmann::json;

PacketPtr text_packet(const json& message) {
  return std::make_shared<Packet>(Packet::Framing::text, json_text(message), 0);
}

void Listeners::add(Listener& listener) {
  listener.is_added_ = true;
  all_.push_back(&listener);
  ++seats_->taken;
  if (!listener.codec().is_heard) return;
  ++heard_;
  ++total_;
}

void Listeners::remove(Listener& listener) {
  if (!std::exchange(listener.is_added_, false)) return;
  std::erase(all_, &listener);
  if (listener.codec().is_heard) --heard_;
  --seats_->taken;
}

void Listeners::add_peer() {
  ++peers_;
  ++peers_total_;
  ++total_;
  ++seats_->taken;
}

void Listeners::remove_peer() {
  --peers_;
  --seats_->taken;
}

void Listeners::send_packets() const {
  for (Listener* listener : all_)
    if (listener->is_owed_packet()) listener->on_packet();
}

void Listeners::join_all(int64_t now_us) const {
  for (Listener* listener : all_)
    if (!listener->joined()) listener->join(now_us);
}

void Listeners::check_all(int64_t now_us) const {
  for (Listener* listener : all_) listener->check(now_us);
}

void Listeners::close_all(const CloseReason& why) const {
  for (Listener* listener : all_) listener->close(why);
}

bool Listeners::have_all() const {
  return std::all_of(all_.begin(), all_.end(), [](const Listener* listener) { return listener->has_all(); });
}

void Listeners::send_texts(const std::function<json(const CodecInfo&)>& message_for) const {
  std::map<int, PacketPtr> by_rate;
  for (Listener* listener : all_) {
    if (!listener->reads_texts() || !listener->joined()) continue;
    PacketPtr& text = by_rate[listener->codec().rate];
    if (!text) text = text_packet(message_for(listener->codec()));
    listener->send(text);
  }
}

json Listeners::buffer_figures() const {
  std::vector<double> buffers;
  for (const Listener* listener : all_)
    if (listener->buffer_ms()) buffers.push_back(*listener->buffer_ms());
  if (buffers.empty()) return {{"p50", nullptr}, {"min", nullptr}};
  std::sort(buffers.begin(), buffers.end());
  return {{"p50", buffers[buffers.size() / 2]}, {"min", buffers.front()}};
}

}  // namespace auralis
