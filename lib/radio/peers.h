// SPDX-License-Identifier: MIT
// Listeners over WebRTC: what a plugin does that answers their offers and sends them packets of Opus that are encoded
// already. It has threads of its own; nothing here waits, and its callbacks come from one of those threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace auralis {

struct PeerPacket {
  std::string opus;      // 20 ms
  int64_t position = 0;  // frames at 48 kHz, whose lower 32 bits are the time stamp of RTP
  int64_t due_us = 0;    // when it leaves; monotonic clock
};

struct PeerAnswer {
  std::string sdp;  // with every candidate
};
// The offer is at fault, or no answer can be given now.
struct PeerRefusal {
  bool of_offer = false;
  std::string why;
};

class Peers {
 public:
  using OnAnswer = std::function<void(std::variant<PeerAnswer, PeerRefusal>)>;

  // Ends all of them.
  virtual ~Peers() = default;
  // `id` names the peer from here on, `group` the sound that it hears. `on_answer` is called once, unless the peer is
  // ended before.
  virtual void begin(const std::string& id, uint64_t group, const std::string& offer, OnAnswer on_answer) = 0;
  virtual void end(const std::string& id) = 0;
  virtual void play(uint64_t group, std::vector<PeerPacket> packets) = 0;
};

// What the plugin's entry, a C function of no arguments, returns; see SinkPlugin.
struct PeersPlugin {
  const char* version;
  // `on_gone`: the other end has left, or never came. Throws Error{environment} where something is not installed.
  std::unique_ptr<Peers> (*open)(std::function<void(const std::string& id)> on_gone);
};

}  // namespace auralis
