// SPDX-License-Identifier: MIT
// The listeners of a station, on the seats that all stations of a server share.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <utility>
#include <vector>

#include "serve/listener.h"

namespace auralis {

struct ListenerSeats {
  size_t most = 1000;
  size_t taken = 0;
};

class Listeners {
 public:
  explicit Listeners(std::shared_ptr<ListenerSeats> seats) : seats_(std::move(seats)) {}

  size_t size() const { return heard_ + peers_; }
  uint64_t total() const { return total_; }
  bool full() const { return seats_->taken >= seats_->most; }
  void add(Listener& listener);
  void remove(Listener& listener);
  // Those over WebRTC, who have a seat and nothing else here; see peer_sessions.h.
  void add_peer();
  void remove_peer();
  size_t peers() const { return peers_; }
  uint64_t peers_total() const { return peers_total_; }

  // There are packets in the tracks.
  void send_packets() const;
  // Those that came before the sound.
  void join_all(int64_t now_us) const;
  void check_all(int64_t now_us) const;
  void close_all(const CloseReason& why) const;
  bool have_all() const;
  // Sends a message to all that read texts. `message_for` is called once for each rate that positions are counted in.
  void send_texts(const std::function<nlohmann::json(const CodecInfo&)>& message_for) const;
  // {p50, min} of the buffers that were reported.
  nlohmann::json buffer_figures() const;

 private:
  std::shared_ptr<ListenerSeats> seats_;
  uint64_t total_ = 0;
  size_t heard_ = 0;  // of all_
  size_t peers_ = 0;
  uint64_t peers_total_ = 0;
  std::vector<Listener*> all_;
};

// A message as the packet that every listener of it is sent.
PacketPtr text_packet(const nlohmann::json& message);

}  // namespace auralis
