// SPDX-License-Identifier: MIT
// The server's listeners: WebSocket and plain streams, their messages, and what is written to them.
#include <fcntl.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <utility>

#include "net/request_head.h"
#include "serve/protocol.h"
#include "serve/server_impl.h"

namespace auralis {
namespace {

using nlohmann::json;

constexpr int history_ms = 200;          // sent at once to a new listener, so that it need not wait to begin
constexpr int player_history_ms = 1000;  // players buffer more
constexpr size_t longest_echo = 128;
constexpr size_t most_texts = 256;           // waiting for one listener: more than it may ask at once
constexpr int64_t stuck_us = 60 * us_per_s;  // a listener that takes nothing for so long has gone
constexpr int64_t longest_request_us = 15 * us_per_s;  // head and body, and the idle time before
constexpr int64_t tick_us = 250 * us_per_ms;
constexpr int64_t ping_us = 20 * us_per_s;
constexpr int64_t hang_up_us = 45 * us_per_s;

double unix_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + std::round(static_cast<double>(now.tv_nsec) / 1e3) / 1e3;
}

// What is given back as it came: not more than a name or a number.
json echo(const json& message, const char* name) {
  const auto found = message.find(name);
  if (found == message.end() || !(found->is_number() || found->is_string())) return {};
  return found->is_string() && found->get_ref<const std::string&>().size() > longest_echo ? json() : *found;
}

std::string codec_argument(const HttpRequest& request) {
  const auto found = request.query.find("codec");
  return found == request.query.end() ? "pcm" : found->second;
}

PacketPtr text_packet(const json& message) {
  return std::make_shared<Packet>(Packet::Framing::text, json_text(message), 0, Packet::no_flag, 0);
}

// 16 bytes in base64.
bool is_socket_key(std::string_view key) {
  return key.size() == 24 && key.ends_with("==") &&
         std::all_of(key.begin(), key.end() - 2,
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '+' || c == '/'; });
}

}  // namespace

std::optional<HttpResponse> Server::refuse_upgrade(const HttpRequest& request) const {
  if (request.path != "/ws/stream") return http_error(404, "not_found", "the WebSocket is at /ws/stream");
  if (request.method != "GET") return wrong_method("GET");
  if (!own_origin(request)) {
    return http_error(403, "origin_not_allowed",
                      "pages of this origin may not listen here (--origin allows them)", "Origin");
  }
  if (!find_codec(codec_argument(request))) {
    return http_error(400, "bad_request", "codec is unknown, expected pcm, opus or base64", "codec");
  }
  // RFC 6455, section 4.2.1.
  if (request.host.empty()) return http_error(400, "bad_request", "expected a Host header", "Host");
  if (request.content_length.value_or(0) > 0 || request.chunked)
    return http_error(400, "bad_request", "a handshake takes no body", "Content-Length");
  if (!lists(request.connection, "upgrade"))
    return http_error(400, "bad_request", "expected Connection: Upgrade", "Connection");
  if (!is_socket_key(request.socket_key))
    return http_error(400, "bad_request", "expected a key of 16 bytes in base64", "Sec-WebSocket-Key");
  if (request.socket_version != "13") return upgrade_required("expected version 13", "Sec-WebSocket-Version");
  if (!request.subprotocols.empty() && !lists_exactly(request.subprotocols, subprotocol_name)) {
    return http_error(400, "bad_request", "expected the subprotocol auralis.v1 or none",
                      "Sec-WebSocket-Protocol");
  }
  if (phase_ != Phase::running) return http_error(503, "shutting_down", "the server is ending");
  return std::nullopt;
}

int Server::upgrade(Connection& connection) {
  const HttpRequest& request = connection.request;
  if (std::optional<HttpResponse> refusal = refuse_upgrade(request)) {
    connection.keep_alive = false;  // frames may be on their way
    return respond(connection, std::move(*refusal));
  }
  HttpResponse switching{
      101,
      "",
      "",
      {{"Upgrade", "websocket"}, {"Sec-WebSocket-Accept", web_socket_accept(request.socket_key)}}};
  if (!request.subprotocols.empty())
    switching.headers.emplace_back("Sec-WebSocket-Protocol", subprotocol_name);
  connection.socket = std::make_unique<WebSocket>(largest_body);
  begin_answer(connection, response_head(switching, std::nullopt, true), Connection::Stage::socket);
  return 0;
}

void Server::begin_listening(Connection& connection) {
  if (phase_ != Phase::running) return close(connection, going_away, "the server ends");
  if (listeners_.size() >= static_cast<size_t>(settings_.max_clients)) {
    return close(connection, try_later, "as many listeners as may be");
  }
  connection.listener = std::make_unique<Listener>();
  connection.listener->codec = find_codec(codec_argument(connection.request)).value_or(Codec::pcm);
  connection.listener->encoding = static_cast<Encoding>(connection.listener->codec);
  listeners_.push_back(&connection);
  ++clients_total_;
  if (station_->open()) join(connection);
}

// A player of plain HTTP; nullopt when it was let in.
std::optional<HttpResponse> Server::begin_player(Connection& connection, Encoding encoding) {
  if (!station_->open() || station_->over()) return health();
  if (listeners_.size() >= static_cast<size_t>(settings_.max_clients)) {
    return http_error(503, "too_many_clients", "as many listeners as may be");
  }
  HttpResponse head{200,
                    encoding == Encoding::ogg ? "audio/ogg; codecs=opus" : "audio/wav",
                    "",
                    {{"Cache-Control", "no-store"}, {"Accept-Ranges", "none"}, {"icy-name", "Auralis"}}};
  let_read(connection.request, head);
  std::string out = response_head(head, std::nullopt, false);
  if (connection.request.method == "HEAD") {
    begin_answer(connection, std::move(out), Connection::Stage::lingering);
  } else {
    connection.listener = std::make_unique<Listener>();
    connection.listener->encoding = encoding;
    connection.listener->player = true;
    listeners_.push_back(&connection);
    ++clients_total_;
    join(connection);
    begin_answer(connection, std::move(out) + station_->stream_header(encoding), Connection::Stage::player);
  }
  return std::nullopt;
}

void Server::join(Connection& connection) {
  Listener& listener = *connection.listener;
  listener.joined = true;
  listener.cursor = station_->join(listener.encoding, listener.player ? player_history_ms : history_ms);
  listener.joined_us = listener.moved_us = now_us();
  // What the kernel holds is heard late by a listener that stalled: room for two packets, or it would hold
  // seconds.
  const int bytes = std::clamp(2 * station_->packet_bytes(listener.encoding), 8 * 1024, 1024 * 1024);
  ::setsockopt(lws_get_socket_fd(connection.wsi), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  if (!listener.player) {
    send(connection, {{"type", "welcome"},
                      {"client_id", connection.id},
                      {"sample_rate", listener.codec == Codec::opus ? opus_rate : station_->rate()},
                      {"channels", station_->channels()},
                      {"chunk_ms", station_->chunk_ms()},
                      {"codec", codec_name(listener.codec)},
                      {"controls", controls()},
                      {"may_control", !refuse_control_by(connection.request).has_value()},
                      {"version", AURALIS_VERSION},
                      {"state", state_message(*connection.listener, station_->position())}});
  }
  lws_callback_on_writable(connection.wsi);
}

void Server::leave(Connection& connection) {
  if (!connection.listener) return;
  std::erase(listeners_, &connection);
  if (connection.listener->joined && station_) station_->leave(connection.listener->encoding);
  connection.listener.reset();
}

int Server::write_player(Connection& connection) {
  if (connection.close_code == 0) return write_packet(connection);
  linger(connection);
  return 0;
}

int Server::write_socket(Connection& connection) {
  const auto say = [this, &connection](std::string_view frame) {
    lws_callback_on_writable(connection.wsi);
    return write(connection, frame) ? 0 : -1;
  };
  if (!connection.replies.empty()) return say(std::exchange(connection.replies, {}));
  if (connection.close_sent) {
    if (connection.socket->closed_by_peer() || connection.socket->broken()) linger(connection);
    return 0;  // it waits for the other end's
  }
  if (!connection.texts.empty()) {
    const PacketPtr text = std::move(connection.texts.front());
    connection.texts.pop_front();
    return say(text->framed());
  }
  if (connection.close_code == 0) return write_packet(connection);
  close_is_said(connection);
  return say(web_socket_close(connection.close_code, connection.close_reason));
}

int Server::write_packet(Connection& connection) {
  if (!connection.listener || !connection.listener->joined) return 0;
  Listener& listener = *connection.listener;
  const Track& track = station_->track(listener.encoding);
  const PacketPtr packet = track.take(listener.cursor);
  count_drops(listener);
  if (!packet) return 0;
  const std::string_view bytes = listener.player ? packet->payload() : packet->framed();
  if (!write(connection, bytes)) return -1;
  ++sent_;
  bytes_ += bytes.size();
  // What was due before a listener came is no lateness of ours.
  const int64_t due_us = packet->due_us();
  if (due_us >= listener.joined_us) {
    lateness_ms_.observe(static_cast<double>(std::max<int64_t>(now_us() - due_us, 0)) / us_per_ms);
  }
  if (track.pending(listener.cursor)) lws_callback_on_writable(connection.wsi);
  return 0;
}

void Server::on_message(Connection& connection, const WebSocket::Message& text) {
  if (connection.close_code != 0 || !connection.listener) return;
  if (!text.is_text) return close(connection, wrong_data, "expected text");
  if (!connection.listener->messages.take(message_limit, now_us())) {
    return close(connection, against_policy, "too many messages");
  }
  const json message = json::parse(text.data, nullptr, false);
  if (!message.is_object() || !message.contains("type") || !message["type"].is_string()) {
    return send(connection, error_message("bad_message", "expected a JSON object with a type", true));
  }
  const std::string type = message["type"];
  if (type == "ping") {
    send(connection, {{"type", "pong"},
                      {"client_timestamp", echo(message, "client_timestamp")},
                      {"server_timestamp", unix_ms()},
                      {"position", position_for(*connection.listener, station_->position())}});
  } else if (type == "client_metrics") {
    on_client_metrics(*connection.listener, message);
  } else if (type == "control") {
    std::optional<HttpResponse> refusal = refuse_control(connection);
    if (!refusal) refusal = submit(connection, message);
    if (!refusal) return;
    json error = json::parse(refusal->body);
    if (const json id = echo(message, "id"); !id.is_null()) error["id"] = id;
    send(connection, error);
  } else if (type == "authorize") {
    // It is looked at when a control asks for it, and only so often: see refuse_control.
    const auto token = message.find("token");
    if (token == message.end() || !token->is_string())
      return send(connection, error_message("bad_message", "expected a token as text", true, "token"));
    connection.request.authorization = std::string(bearer) + token->get<std::string>();
  } else {
    send(connection,
         error_message("unknown_type", "expected authorize, control, ping or client_metrics", true, "type"));
  }
}

void Server::count_drops(Listener& listener) {
  dropped_ += listener.cursor.dropped - std::exchange(listener.counted_drops, listener.cursor.dropped);
}

void Server::on_client_metrics(Listener& listener, const json& message) {
  const auto number = [&message](const char* name) -> std::optional<double> {
    const auto found = message.find(name);
    if (found == message.end() || !found->is_number()) return std::nullopt;
    const double value = *found;
    return value >= 0 && value < 1e9 ? std::optional(value) : std::nullopt;
  };
  if (const auto buffer = number("buffer_ms")) listener.buffer_ms = buffer;
  if (const auto underruns = number("underruns")) {
    client_underruns_ += std::max(0.0, *underruns - listener.underruns);
    listener.underruns = *underruns;
  }
}

void Server::send(Connection& connection, const json& message) {
  if (connection.listener && connection.listener->player) return;
  if (connection.texts.size() >= most_texts) connection.texts.pop_front();
  connection.texts.push_back(text_packet(message));
  lws_callback_on_writable(connection.wsi);
}

void Server::broadcast(const std::function<json(const Listener&)>& message_for) {
  // One text for each rate that positions are told in.
  std::map<bool, PacketPtr> texts;
  for (Connection* connection : listeners_) {
    if (connection->listener->player || !connection->listener->joined) continue;
    PacketPtr& text = texts[connection->listener->codec == Codec::opus];
    if (!text) {
      text = text_packet(message_for(*connection->listener));
    }
    if (connection->texts.size() >= most_texts) connection->texts.pop_front();
    connection->texts.push_back(text);
    lws_callback_on_writable(connection->wsi);
  }
}

int64_t Server::position_for(const Listener& listener, int64_t position) const {
  if (listener.codec != Codec::opus || !station_->open()) return std::max<int64_t>(position, 0);
  return std::max<int64_t>(std::llround(static_cast<double>(position) * opus_rate / station_->rate()), 0);
}

void Server::close(Connection& connection, int code, const std::string& reason) {
  if (connection.close_code != 0) return;
  connection.close_code = code;
  connection.close_reason = reason;
  lws_set_timeout(connection.wsi, PENDING_TIMEOUT_USER_OK, static_cast<int>(stuck_us / us_per_s));
  lws_callback_on_writable(connection.wsi);
}

// A listener that is silent is asked whether it is still there; one that does not answer has gone.
void Server::hold_on_to(Connection& connection, int64_t now_us) {
  if (now_us - connection.heard_us > hang_up_us) return hang_up(connection);
  if (now_us - std::max(connection.heard_us, connection.pinged_us) < ping_us) return;
  connection.pinged_us = now_us;
  connection.replies += web_socket_frame(FrameKind::ping, "");
  lws_callback_on_writable(connection.wsi);
}

// Four times a second: what needs no exact moment.
void Server::tick() {
  if (spare_fd_ < 0) spare_fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int64_t now = now_us();
  for (const Controls::Pending& late : controls_.expire(now)) {
    settle(late, error_message("composer_unavailable", "the composer did not answer", true));
  }
  for (const auto& [id, connection] : connections_) {
    if (connection->awaited_since_us == 0 || now - connection->awaited_since_us < longest_request_us)
      continue;
    const bool nothing_came = connection->inbound.find_first_not_of("\r\n") == std::string::npos;
    if (connection->stage == Connection::Stage::request && nothing_came) {
      hang_up(*connection);
    } else {
      connection->keep_alive = false;
      respond(*connection, http_error(408, "request_timeout",
                                      "expected a whole request within " +
                                          std::to_string(longest_request_us / us_per_s) + " seconds"));
    }
  }
  for (Connection* connection : listeners_) {
    Listener& listener = *connection->listener;
    if (!listener.player) hold_on_to(*connection, now);
    if (!listener.joined) continue;
    const Track& track = station_->track(listener.encoding);
    if (listener.player && station_->over() && !track.pending(listener.cursor))
      close(*connection, going_away, "the input has ended");
    // One that takes nothing at all loses chunks, too.
    track.catch_up(listener.cursor);
    count_drops(listener);
    const uint64_t taken = listener.cursor.next - listener.cursor.dropped;
    if (!track.pending(listener.cursor) || std::exchange(listener.seen_taken, taken) != taken) {
      listener.moved_us = now;
    } else if (now - listener.moved_us > stuck_us) {
      hang_up(*connection);
    }
  }
  {
    json figures = own_figures();
    const std::lock_guard lock(figures_mutex_);
    figures_ = std::move(figures);
  }
  start(tick_, &Server::tick, tick_us);
}

}  // namespace auralis
