// SPDX-License-Identifier: MIT
// One listener over WebRTC: a pipeline from packets of RTP to webrtcbin. It answers one offer, with every candidate in the
// answer (WHEP without trickle), and then sends.
//   threads   all on that of `events.post`, whose jobs run one after the other
//   clock     running time is monotonic time since `base_us`, so a buffer may be shared by all peers
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "radio/peers.h"
#include "radio/webrtc/offer.h"
#include "radio/webrtc/rtp.h"

namespace auralis {

class Peer : public std::enable_shared_from_this<Peer> {
 public:
  using Post = std::function<void(std::function<void()>)>;

  // `alive` is kept until its threads have ended.
  Peer(Offer offer, Post post, std::function<void()> on_gone, std::shared_ptr<void> alive)
      : offer_(std::move(offer)),
        post_(std::move(post)),
        on_gone_(std::move(on_gone)),
        alive_(std::move(alive)) {}
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // Throws std::runtime_error where the pipeline cannot be made.
  void begin(int64_t base_us, Peers::OnAnswer on_answer);
  // Whoever does not connect in time has gone; whoever loses packets gets more copies of them.
  void check(int64_t now_us);
  bool is_connected() const { return connected_; }
  // What it understands.
  const Offer& offer() const { return offer_; }
  size_t copies() const { return offer_.red < 0 ? 0 : redundancy_.copies(); }
  // `payload` has a time.
  void send(GstBuffer* payload, uint32_t timestamp);

 private:
  void build(int64_t base_us);
  void connect_signals();
  void on_remote_set();
  void on_answer_made(GstPromise* promise);
  void on_gathered();
  void on_state();
  void answer(std::variant<PeerAnswer, PeerRefusal> answer);
  void gone();

  Offer offer_;
  Post post_;
  std::function<void()> on_gone_;
  Peers::OnAnswer on_answer_;
  GstElement* pipeline_ = nullptr;
  GstElement* source_ = nullptr;  // the pipeline's, as the next is
  GstElement* webrtc_ = nullptr;
  std::shared_ptr<void> alive_;
  Redundancy redundancy_;
  uint32_t ssrc_ = g_random_int();
  uint16_t sequence_ = 0;
  bool connected_ = false;
  int64_t begun_us_ = 0;
};

}  // namespace auralis
