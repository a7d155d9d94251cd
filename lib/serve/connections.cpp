// SPDX-License-Identifier: MIT
// The server's connections: the library brings their bytes and takes what is said, over TLS or not; what the bytes
// mean depends on the stage that a connection is in.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "net/request_head.h"
#include "serve/server_impl.h"

namespace auralis {
namespace {

using Stage = Connection::Stage;

constexpr size_t answer_piece = size_t{64} * 1024;
constexpr int answer_s = 30;
constexpr size_t most_unwanted = size_t{16} * 1024 * 1024;  // more than the kernels of both ends hold
constexpr int lingering_s = 5;
constexpr int close_s = 5;  // for a close to leave, and the other end's to come

std::string reason_for(int code) {
  switch (code) {
    case too_big:
      return "expected at most " + std::to_string(largest_body) + " bytes";
    case not_utf8:
      return "expected UTF-8";
    default:
      return "expected frames as in RFC 6455, masked";
  }
}

}  // namespace

int Server::on_connection(lws* wsi, lws_callback_reasons reason, void*, void* in, size_t length) {
  auto* server = static_cast<Server*>(lws_context_user(lws_get_context(wsi)));
  if (server == nullptr || server->vhost_ == nullptr) return 0;
  // Nothing may be thrown through the library; one connection is all that an error may cost.
  try {
    return server->connection_event(wsi, reason, in, length);
  } catch (const std::exception& error) {
    log_warning(std::string("a connection was closed: ") + error.what());
    return -1;
  }
}

int Server::connection_event(lws* wsi, lws_callback_reasons reason, void* in, size_t length) {
  switch (reason) {
    case LWS_CALLBACK_RAW_ADOPT:
      connection_of(wsi);
      return 0;
    case LWS_CALLBACK_RAW_RX:
      return on_bytes(connection_of(wsi), {static_cast<const char*>(in), length});
    case LWS_CALLBACK_RAW_WRITEABLE:
      return on_writable(connection_of(wsi));
    case LWS_CALLBACK_WSI_DESTROY:
      forget(wsi);
      return 0;
    default:
      return 0;
  }
}

Connection& Server::connection_of(lws* wsi) {
  if (auto* known = static_cast<Connection*>(lws_get_opaque_user_data(wsi))) return *known;
  auto connection = std::make_unique<Connection>();
  connection->wsi = wsi;
  connection->id = ++connections_seen_;
  connection->awaited_since_us = now_us();
  std::string address(64, '\0');
  lws_get_peer_simple(wsi, address.data(), address.size());
  connection->address = limited_as(address.c_str());
  connections_[connection->id] = connection.get();
  lws_set_opaque_user_data(wsi, connection.get());
  return *connection.release();
}

void Server::forget(lws* wsi) {
  const std::unique_ptr<Connection> connection(static_cast<Connection*>(lws_get_opaque_user_data(wsi)));
  if (!connection) return;
  lws_set_opaque_user_data(wsi, nullptr);
  connections_.erase(connection->id);
  leave(*connection);
}

int Server::on_bytes(Connection& connection, std::string_view bytes) {
  // After the handshake of TLS the library gives a connection some time for what it knows nothing about.
  if (connection.heard_us == 0) lws_set_timeout(connection.wsi, NO_PENDING_TIMEOUT, 0);
  connection.heard_us = now_us();
  switch (connection.stage) {
    case Stage::request:
    case Stage::body:
      connection.inbound += bytes;
      return read_request(connection);
    case Stage::answer:  // it is not read from: no more than was on its way
      connection.inbound += bytes;
      return 0;
    case Stage::socket:
      return on_frames(connection, bytes);
    case Stage::player:
    case Stage::lingering:
      break;
  }
  return pass_over(connection, bytes);
}

int Server::pass_over(Connection& connection, std::string_view bytes) {
  connection.unwanted += bytes.size();
  return connection.unwanted > most_unwanted ? -1 : 0;
}

int Server::read_request(Connection& connection) {
  if (connection.stage == Stage::request) {
    std::optional<RequestHead> head = read_head(connection.inbound, largest_headers);
    if (!head) return 0;
    const size_t begun = std::min(connection.inbound.find_first_not_of("\r\n"), connection.inbound.size());
    if (connection.inbound.compare(begun, 5, "HEAD ") == 0) connection.request.method = "HEAD";
    connection.inbound.erase(0, head->bytes);
    if (auto* refusal = std::get_if<HttpResponse>(&head->request)) {
      connection.keep_alive = false;
      return respond(connection, std::move(*refusal));
    }
    connection.request = std::get<HttpRequest>(std::move(head->request));
    if (const int status = on_request(connection); status != 0 || connection.stage != Stage::body)
      return status;
    if (connection.request.awaits_go_ahead && connection.inbound.empty() &&
        *connection.request.content_length > 0 && !write(connection, "HTTP/1.1 100 Continue\r\n\r\n")) {
      return -1;
    }
  }
  const size_t length = *connection.request.content_length;
  if (connection.inbound.size() < length) return 0;
  const std::string body = connection.inbound.substr(0, length);
  connection.inbound.erase(0, length);
  return on_body(connection, body);
}

int Server::on_frames(Connection& connection, std::string_view bytes) {
  for (const WebSocket::Message& message : connection.socket->receive(bytes)) on_message(connection, message);
  std::string replies = connection.socket->take_replies();
  if (connection.close_sent) {  // it is over when the other end has closed, too, or cannot
    if (!connection.socket->closed_by_peer() && !connection.socket->broken())
      return pass_over(connection, bytes);
    linger(connection);
    return 0;
  }
  connection.replies += replies;
  if (connection.socket->closed_by_peer()) {
    close_is_said(connection);  // it is among the replies
  } else if (const std::optional<int> code = connection.socket->broken()) {
    close(connection, *code, reason_for(*code));
  }
  if (!connection.replies.empty()) lws_callback_on_writable(connection.wsi);
  set_reading(connection);
  return 0;
}

// Or is about to leave: nothing follows it, and nobody waits for it without end.
void Server::close_is_said(Connection& connection) {
  connection.close_sent = true;
  connection.texts.clear();
  leave(connection);
  lws_set_timeout(connection.wsi, PENDING_TIMEOUT_USER_OK, close_s);
}

// The library calls when all that it was given has left.
int Server::on_writable(Connection& connection) {
  if (set_reading(connection) && connection.reading) {
    // It is read before more is written: else, where every packet fills the kernel's buffer, it never would be.
    lws_callback_on_writable(connection.wsi);
    return 0;
  }
  switch (connection.stage) {
    case Stage::answer:
      return go_on_answering(connection);
    case Stage::player:
      return write_player(connection);
    case Stage::socket:
      return write_socket(connection);
    default:
      return 0;
  }
}

bool Server::write(Connection& connection, std::string_view bytes) {
  // What is written is not changed, whatever the library's type says.
  auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
  if (lws_write(connection.wsi, data, bytes.size(), LWS_WRITE_RAW) < 0) return false;
  set_reading(connection);
  return true;
}

// Nothing is read while something is owed: what comes would be more of it, and the end of the other side may come
// before it has left. Of a connection that takes no more the library reads nothing, whatever is asked: what came would
// wake it again and again.
bool Server::set_reading(Connection& connection) {
  const bool owes_frames = !connection.replies.empty() || !connection.texts.empty() ||
                           (connection.close_code != 0 && !connection.close_sent);
  const bool reading = connection.stage != Stage::answer &&
                       !(connection.stage == Stage::socket && owes_frames) &&
                       lws_partial_buffered(connection.wsi) == 0;
  const bool changed = std::exchange(connection.reading, reading) != reading;
  if (changed) lws_rx_flow_control(connection.wsi, reading ? 1 : 0);
  return changed;
}

// `out` is empty where the answer is still being made.
void Server::begin_answer(Connection& connection, std::string out, Stage next) {
  connection.stage = Stage::answer;
  connection.awaited_since_us = 0;
  connection.out = std::move(out);
  connection.out_at = 0;
  connection.next = next;
  set_reading(connection);
  lws_set_timeout(connection.wsi, PENDING_TIMEOUT_USER_OK, answer_s);
  lws_callback_on_writable(connection.wsi);
}

int Server::go_on_answering(Connection& connection) {
  if (connection.out.empty()) return 0;
  if (connection.out_at < connection.out.size()) {
    const std::string_view piece = std::string_view(connection.out).substr(connection.out_at, answer_piece);
    if (!write(connection, piece)) return -1;
    connection.out_at += piece.size();
    lws_set_timeout(connection.wsi, PENDING_TIMEOUT_USER_OK, answer_s);
    lws_callback_on_writable(connection.wsi);
    return 0;
  }
  connection.out = std::string();  // with its memory
  lws_set_timeout(connection.wsi, NO_PENDING_TIMEOUT, 0);
  if (connection.next == Stage::lingering ||
      (connection.next == Stage::request && phase_ != Phase::running)) {
    linger(connection);
    return 0;
  }
  connection.stage = connection.next;
  set_reading(connection);
  switch (connection.stage) {
    case Stage::request:
      connection.request = {};
      connection.awaited_since_us = now_us();
      return connection.inbound.empty() ? 0 : read_request(connection);
    case Stage::player:
      return write_player(connection);
    default: {
      begin_listening(connection);
      const std::string frames = std::exchange(connection.inbound, {});
      return frames.empty() ? 0 : on_frames(connection, frames);
    }
  }
}

// All was said. Closing a socket with bytes in it that nobody read resets the connection, and a reset takes away what
// the other end has not read yet: so what still comes is read and passed over until it closes, so much and so long.
void Server::linger(Connection& connection) {
  leave(connection);
  connection.stage = Stage::lingering;
  connection.inbound = std::string();
  connection.unwanted = 0;
  if (lws_is_ssl(connection.wsi) != 0) {
    SSL_shutdown(lws_get_ssl(connection.wsi));
    ERR_clear_error();  // what it left there is nobody else's
  }
  ::shutdown(lws_get_socket_fd(connection.wsi), SHUT_WR);
  lws_set_timeout(connection.wsi, PENDING_TIMEOUT_USER_OK, lingering_s);
  set_reading(connection);
}

void Server::hang_up(Connection& connection) {
  lws_set_timeout(connection.wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

bool Server::plain_where_tls_is_spoken(const Connection& connection) const {
  return !settings_.tls_cert.empty() && lws_is_ssl(connection.wsi) == 0;
}

}  // namespace auralis
