// SPDX-License-Identifier: MIT
#include "net/web_socket.h"

#include <openssl/sha.h>
#include <wslay/wslay.h>

#include <algorithm>
#include <array>
#include <new>
#include <stdexcept>
#include <utility>

#include "net/base64.h"

namespace auralis {
namespace {

// RFC 6455, section 1.3.
constexpr std::string_view handshake_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

ssize_t append(std::string& out, const uint8_t* data, size_t size) {
  out.append(reinterpret_cast<const char*>(data), size);
  return static_cast<ssize_t>(size);
}

}  // namespace

std::string web_socket_frame(FrameKind kind, std::string_view payload) {
  wslay_frame_callbacks callbacks{};
  callbacks.send_callback = [](const uint8_t* data, size_t size, int, void* out) {
    return append(*static_cast<std::string*>(out), data, size);
  };
  std::string out;
  out.reserve(payload.size() + 10);  // a server's longest header: nothing is allocated under the library
  wslay_frame_context_ptr context = nullptr;
  if (wslay_frame_context_init(&context, &callbacks, &out) != 0) throw std::bad_alloc();
  wslay_frame_iocb frame{};
  frame.fin = 1;
  frame.opcode = static_cast<uint8_t>(kind);
  frame.payload_length = frame.data_length = payload.size();
  frame.data = reinterpret_cast<const uint8_t*>(payload.data());
  const ssize_t sent = wslay_frame_send(context, &frame);
  wslay_frame_context_free(context);
  if (sent != static_cast<ssize_t>(payload.size())) throw std::logic_error("a frame was not written whole");
  return out;
}

std::string web_socket_close(const CloseReason& reason) {
  std::string payload{static_cast<char>(reason.code >> 8), static_cast<char>(reason.code & 0xFF)};
  return web_socket_frame(FrameKind::close, payload.append(reason.text));
}

std::string web_socket_accept(std::string_view key) {
  const std::string text = std::string(key).append(handshake_guid);
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

struct WebSocket::Inside {
  wslay_event_context_ptr context = nullptr;
  std::string_view unread;
  std::vector<Message> messages;
  std::string message;  // what has come of it
  size_t largest = 0;
  bool is_control = false;  // the frame that comes
  size_t other_frames = 0;  // that ended no message
  std::string replies;
  bool failed = false;     // nothing may be thrown through the library
  bool too_big = false;    // in parts: a frame that is so alone is refused at its header
  bool half_code = false;  // in a close, which the library takes for one without

  ~Inside() { wslay_event_context_free(context); }

  static ssize_t read(wslay_event_context_ptr context, uint8_t* out, size_t size, int, void* self) {
    std::string_view& unread = static_cast<Inside*>(self)->unread;
    if (unread.empty()) {
      wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
      return -1;
    }
    const std::string_view piece = unread.substr(0, size);
    std::copy(piece.begin(), piece.end(), out);
    unread.remove_prefix(piece.size());
    return static_cast<ssize_t>(piece.size());
  }

  static ssize_t write(wslay_event_context_ptr context, const uint8_t* data, size_t size, int, void* self) {
    try {
      return append(static_cast<Inside*>(self)->replies, data, size);
    } catch (const std::exception&) {
      wslay_event_set_error(context, WSLAY_ERR_CALLBACK_FAILURE);
      return -1;
    }
  }

  static void begin(wslay_event_context_ptr, const wslay_event_on_frame_recv_start_arg* frame, void* self) {
    auto* inside = static_cast<Inside*>(self);
    inside->is_control = wslay_is_ctrl_frame(frame->opcode);
    if (inside->is_control || frame->fin == 0) ++inside->other_frames;
  }

  // The library would keep every part of a message on its own, however small.
  static void gather(wslay_event_context_ptr context, const wslay_event_on_frame_recv_chunk_arg* part,
                     void* self) {
    auto* inside = static_cast<Inside*>(self);
    if (inside->is_control || inside->too_big) return;
    inside->too_big = inside->message.size() + part->data_length > inside->largest;
    try {
      if (!inside->too_big) append(inside->message, part->data, part->data_length);
    } catch (const std::exception&) {
      inside->failed = true;
    }
    if (inside->too_big || inside->failed) wslay_event_shutdown_read(context);
  }

  static void take(wslay_event_context_ptr context, const wslay_event_on_msg_recv_arg* message, void* self) {
    auto* inside = static_cast<Inside*>(self);
    if (message->opcode == WSLAY_CONNECTION_CLOSE) inside->half_code = message->msg_length == 1;
    if (message->opcode != WSLAY_TEXT_FRAME && message->opcode != WSLAY_BINARY_FRAME) return;
    if (inside->too_big) return;
    try {
      inside->messages.push_back(
          {message->opcode == WSLAY_TEXT_FRAME, std::exchange(inside->message, std::string())});
    } catch (const std::exception&) {
      inside->failed = true;
      wslay_event_shutdown_read(context);
    }
  }
};

WebSocket::WebSocket(size_t largest_message) : inside_(std::make_unique<Inside>()) {
  wslay_event_callbacks callbacks{};
  callbacks.recv_callback = Inside::read;
  callbacks.send_callback = Inside::write;
  callbacks.on_frame_recv_start_callback = Inside::begin;
  callbacks.on_frame_recv_chunk_callback = Inside::gather;
  callbacks.on_msg_recv_callback = Inside::take;
  if (wslay_event_context_server_init(&inside_->context, &callbacks, inside_.get()) != 0)
    throw std::bad_alloc();
  wslay_event_config_set_no_buffering(inside_->context, 1);
  inside_->largest = largest_message;
  wslay_event_config_set_max_recv_msg_length(inside_->context, largest_message);
}

WebSocket::~WebSocket() = default;

std::vector<WebSocket::Message> WebSocket::receive(std::string_view bytes) {
  inside_->unread = bytes;
  const int status = wslay_event_recv(inside_->context);
  inside_->unread = {};
  if (status == WSLAY_ERR_NOMEM || inside_->failed) throw std::bad_alloc();
  if (inside_->too_big && !broken_) broken_ = too_big;
  if (inside_->half_code) broken_ = protocol_error;
  if (wslay_event_get_read_enabled(inside_->context) == 0 && !closed_by_peer() && !broken_) {
    // It has queued a close without a reason; the one that is sent has one.
    std::string unsaid = std::exchange(inside_->replies, {});
    wslay_event_send(inside_->context);
    inside_->replies = std::move(unsaid);
    const uint16_t code = wslay_event_get_status_code_sent(inside_->context);
    const bool says_why = code == too_big || code == not_utf8;
    broken_ = says_why ? int{code} : int{protocol_error};
  }
  return std::exchange(inside_->messages, {});
}

size_t WebSocket::take_other_frames() { return std::exchange(inside_->other_frames, 0); }

std::string WebSocket::take_replies() {
  if (!broken_) wslay_event_send(inside_->context);
  return std::exchange(inside_->replies, {});
}

bool WebSocket::closed_by_peer() const {
  return !broken_ && wslay_event_get_close_received(inside_->context) != 0;
}

}  // namespace auralis
