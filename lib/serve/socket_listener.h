// SPDX-License-Identifier: MIT
// A listener of the WebSocket: audio and messages to it, controls, pings and figures from it.
//   close   an error of the protocol, the end, or too much of something: a close frame with its code. Nothing follows it;
//           the other end's is waited for, so that nothing it still had to read is lost
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "net/http.h"
#include "net/rate_limit.h"
#include "net/web_socket.h"
#include "serve/access.h"
#include "serve/controls.h"
#include "serve/limits.h"
#include "serve/listener.h"

namespace auralis {

class SocketListener final : public Listener, public std::enable_shared_from_this<SocketListener> {
 public:
  // `request`: the handshake, which may bring a token.
  SocketListener(Stream& stream, Station& station, const CodecInfo& codec, Access& access,
                 HttpRequest request, uint64_t id);
  ~SocketListener() override;

  // The handshake was accepted and its response sent.
  void begin(bool server_ends, int64_t now_us);
  void on_bytes(std::string_view bytes);
  bool wants_bytes() const;

  void on_writable() override;
  void on_packet() override;
  bool reads_texts() const override { return true; }
  void send(const PacketPtr& text) override;
  void close(const CloseReason& why) override;
  void check(int64_t now_us) override;
  bool has_all() const override { return texts_.empty() && Listener::has_all(); }

 private:
  struct MessageKind {
    std::string_view type;
    void (SocketListener::*handle)(const nlohmann::json& message);
  };
  static const MessageKind message_kinds[];

  void on_joined() override;
  void on_lost_events() override;
  void on_message(const WebSocket::Message& message);
  void on_authorize(const nlohmann::json& message);
  void on_control(const nlohmann::json& message);
  void on_client_metrics(const nlohmann::json& message);
  void on_ping(const nlohmann::json& message);
  void reply_to_control(const nlohmann::json& id, const ControlOutcome& outcome);
  void say(const nlohmann::json& message);
  void close_frame_leaves();
  void finish();

  Access& access_;
  HttpRequest request_;
  uint64_t id_;
  WebSocket socket_{limits::body_bytes};
  Bucket messages_;
  Bucket other_frames_;  // pings, and parts of messages
  std::string
      replies_;  // frames of the protocol itself: pongs, pings, the close frame that follows the other end's
  std::deque<PacketPtr> texts_;
  int64_t pinged_us_ = 0;
  double underruns_ = 0;  // as last reported
  CloseReason closing_;   // to be closed with, or being closed
  bool close_sent_ = false;
};

}  // namespace auralis
