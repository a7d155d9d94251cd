// SPDX-License-Identifier: MIT
// A listener's side of RFC 6455: the messages in the bytes that it sends, and frames for what it is sent, by wslay.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auralis {

// RFC 6455, section 7.4, and the IANA registry.
enum CloseCode : int {
  going_away = 1001,
  protocol_error = 1002,
  wrong_data = 1003,
  not_utf8 = 1007,
  against_policy = 1008,
  too_big = 1009,
  try_later = 1013
};

// What the frame says that closes a connection.
struct CloseReason {
  int code = 0;      // 0: it is not being closed
  std::string text;  // for people, at most 123 bytes
};

enum class FrameKind : uint8_t { text = 1, binary = 2, close = 8, ping = 9 };

// A frame with the whole of a message, as a server sends it.
std::string web_socket_frame(FrameKind kind, std::string_view payload);
std::string web_socket_close(const CloseReason& reason);

// The Sec-WebSocket-Accept of the response to a handshake with this key.
std::string web_socket_accept(std::string_view key);

class WebSocket {
 public:
  struct Message {
    bool is_text = true;  // and UTF-8
    std::string data;
  };

  explicit WebSocket(size_t largest_message);
  ~WebSocket();

  // The messages that these bytes complete. Nothing that follows a broken frame or a close is read.
  std::vector<Message> receive(std::string_view bytes);
  // How many frames have come since that ended no message: pings, pongs, closes, and parts of messages.
  size_t take_other_frames();
  // Frames that are owed to the other end: pongs, and the reply to its close.
  std::string take_replies();
  // The code to close with, once the other end broke the protocol.
  std::optional<int> broken() const { return broken_; }
  bool closed_by_peer() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
  std::optional<int> broken_;
};

}  // namespace auralis
