// SPDX-License-Identifier: MIT
// The server's listeners: WebSocket and plain streams, their messages, and what is written to them.
#include <fcntl.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "serve/protocol.h"
#include "serve/server_impl.h"

namespace auralis {
namespace {

using nlohmann::json;

constexpr int history_ms = 200;          // sent at once to a new listener, so that it need not wait to begin
constexpr int player_history_ms = 1000;  // players buffer more
constexpr size_t longest_echo = 128;
constexpr size_t most_texts = 64;                      // waiting for one listener
constexpr int64_t stuck_us = 60 * us_per_s;            // a listener that takes nothing for so long has gone
constexpr int64_t longest_request_us = 15 * us_per_s;  // head and body, and the idle time before
constexpr int64_t tick_us = 250 * us_per_ms;

double unix_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + std::round(static_cast<double>(now.tv_nsec) / 1e3) / 1e3;
}

using Compare = int (*)(const char*, const char*, size_t);

// A member of a list with commas.
bool lists(std::string_view list, std::string_view wanted, Compare compare) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    std::string_view one = list.substr(0, comma);
    while (one.starts_with(' ') || one.starts_with('\t')) one.remove_prefix(1);
    while (one.ends_with(' ') || one.ends_with('\t')) one.remove_suffix(1);
    if (one.size() == wanted.size() && compare(one.data(), wanted.data(), one.size()) == 0) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
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

}  // namespace

std::optional<HttpResponse> Server::refuse_upgrade(const HttpRequest& request) const {
  if (request.path != "/ws/stream" || !request.path_is_whole)
    return http_error(404, "not_found", "the WebSocket is at /ws/stream");
  if (request.method != "GET") return http_error(405, "method_not_allowed", "expected GET");
  if (!own_origin(request)) {
    return http_error(403, "origin_not_allowed",
                      "pages of this origin may not listen here (--origin allows them)", "Origin");
  }
  if (!find_codec(codec_argument(request))) {
    return http_error(400, "bad_request", "codec is unknown, expected pcm, opus or base64", "codec");
  }
  // RFC 6455, section 4.2.1: what the library would hang up on without a word.
  if (request.host.empty()) return http_error(400, "bad_request", "expected a Host header", "Host");
  if (!lists(request.connection, "upgrade", ::strncasecmp))
    return http_error(400, "bad_request", "expected Connection: Upgrade", "Connection");
  if (request.socket_key.size() != 24)
    return http_error(400, "bad_request", "expected a key of 16 bytes in base64", "Sec-WebSocket-Key");
  if (request.socket_version != "13") {
    HttpResponse response =
        http_error(426, "upgrade_required", "expected version 13", "Sec-WebSocket-Version");
    response.headers.emplace_back("Sec-WebSocket-Version", "13");
    return response;
  }
  if (!request.subprotocols.empty() && !lists(request.subprotocols, subprotocol_name, std::strncmp)) {
    return http_error(400, "bad_request", "expected the subprotocol auralis.v1 or none",
                      "Sec-WebSocket-Protocol");
  }
  if (phase_ != Phase::running) return http_error(503, "shutting_down", "the server is ending");
  return std::nullopt;
}

void Server::begin_listening(Connection& connection) {
  if (listeners_.size() >= static_cast<size_t>(settings_.max_clients)) {
    return close(connection, try_later, "as many listeners as may be");
  }
  connection.awaited_since_us = 0;
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
  connection.keep_alive = false;
  connection.awaited_since_us = 0;
  connection.out = std::string(Packet::headroom, '\0') + response_head(head, std::nullopt, false);
  connection.out_at = Packet::headroom;
  if (connection.request.method != "HEAD") {
    connection.listener = std::make_unique<Listener>();
    connection.listener->encoding = encoding;
    connection.listener->player = true;
    listeners_.push_back(&connection);
    ++clients_total_;
    join(connection);
    connection.out += station_->stream_header(encoding);
  }
  lws_callback_on_writable(connection.wsi);
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
                      {"controls", !refuse_control_by(connection.request).has_value()},
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

int Server::write_listener(Connection& connection) {
  if (connection.closing) return 0;
  if (connection.close_code != 0 && connection.texts.empty()) {
    if (connection.listener && connection.listener->player) {
      linger(connection);
    } else {
      // From here on it is the library that sends this, reads on until the other end has answered it or 5
      // seconds have gone by, and closes.
      lws_close_reason(connection.wsi, static_cast<lws_close_status>(connection.close_code),
                       reinterpret_cast<unsigned char*>(connection.close_reason.data()),
                       connection.close_reason.size());
    }
    return -1;
  }
  if (!connection.texts.empty()) {
    const PacketPtr text = std::move(connection.texts.front());
    connection.texts.pop_front();
    if (lws_write(connection.wsi, text->message(), text->size(), LWS_WRITE_TEXT) < 0) return -1;
    lws_callback_on_writable(connection.wsi);
    return 0;
  }
  if (!connection.listener || !connection.listener->joined) return 0;
  Listener& listener = *connection.listener;
  const Track& track = station_->track(listener.encoding);
  const PacketPtr packet = track.take(listener.cursor);
  count_drops(listener);
  if (!packet) return 0;
  if (write_packet(connection, packet) < 0) return -1;
  if (track.pending(listener.cursor)) lws_callback_on_writable(connection.wsi);
  return 0;
}

int Server::write_packet(Connection& connection, const PacketPtr& packet) {
  const bool player = connection.listener->player;
  const size_t size = player ? packet->payload_size() : packet->size();
  const lws_write_protocol kind = player                                        ? LWS_WRITE_HTTP
                                  : connection.listener->codec == Codec::base64 ? LWS_WRITE_TEXT
                                                                                : LWS_WRITE_BINARY;
  if (lws_write(connection.wsi, player ? packet->payload() : packet->message(), size, kind) < 0) return -1;
  ++sent_;
  bytes_ += size;
  // What was due before a listener came is no lateness of ours.
  const int64_t due_us = packet->due_us();
  if (due_us >= connection.listener->joined_us) {
    lateness_ms_.observe(static_cast<double>(std::max<int64_t>(now_us() - due_us, 0)) / us_per_ms);
  }
  return 0;
}

int Server::on_message_piece(Connection& connection, std::string_view piece) {
  if (connection.close_code != 0 || !connection.listener) return 0;
  if (lws_frame_is_binary(connection.wsi) != 0) {
    close(connection, wrong_data, "expected text");
    return 0;
  }
  if (connection.inbound.size() + piece.size() > largest_body) {
    close(connection, too_big, "expected at most " + std::to_string(largest_body) + " bytes");
    return 0;
  }
  connection.inbound += piece;
  if (lws_is_final_fragment(connection.wsi) == 0 || lws_remaining_packet_payload(connection.wsi) != 0)
    return 0;
  on_message(connection);
  connection.inbound.clear();
  return 0;
}

void Server::on_message(Connection& connection) {
  if (!connection.listener->messages.take(message_limit, now_us())) {
    return close(connection, against_policy, "too many messages");
  }
  const json message = json::parse(connection.inbound, nullptr, false);
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
  connection.texts.push_back(std::make_shared<Packet>(json_text(message), 0, Packet::no_flag, 0));
  lws_callback_on_writable(connection.wsi);
}

void Server::broadcast(const std::function<json(const Listener&)>& message_for) {
  // One text for each rate that positions are told in.
  std::map<bool, PacketPtr> texts;
  for (Connection* connection : listeners_) {
    if (connection->listener->player || !connection->listener->joined) continue;
    PacketPtr& text = texts[connection->listener->codec == Codec::opus];
    if (!text) {
      text = std::make_shared<Packet>(json_text(message_for(*connection->listener)), 0, Packet::no_flag, 0);
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
  lws_callback_on_writable(connection.wsi);
}

// Four times a second: what needs no exact moment.
void Server::tick() {
  if (spare_fd_ < 0) spare_fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int64_t now = now_us();
  for (const Controls::Pending& late : controls_.expire(now)) {
    settle(late, error_message("composer_unavailable", "the composer did not answer", true));
  }
  // The library's own time-outs begin anew with every byte.
  for (const auto& [id, connection] : connections_) {
    if (connection->awaited_since_us != 0 && now - connection->awaited_since_us > longest_request_us) {
      lws_set_timeout(connection->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    }
  }
  for (Connection* connection : listeners_) {
    Listener& listener = *connection->listener;
    if (!listener.joined) continue;
    const Track& track = station_->track(listener.encoding);
    // The library reads nothing of a player any more, and would be woken by it again and again; a player that ends
    // its side has gone.
    char byte = 0;
    if (listener.player && ::recv(lws_get_socket_fd(connection->wsi), &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0)
      lws_set_timeout(connection->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    if (listener.player && station_->over() && !track.pending(listener.cursor))
      close(*connection, going_away, "the input has ended");
    // One that takes nothing at all loses chunks, too.
    track.catch_up(listener.cursor);
    count_drops(listener);
    const uint64_t taken = listener.cursor.next - listener.cursor.dropped;
    if (!track.pending(listener.cursor) || std::exchange(listener.seen_taken, taken) != taken) {
      listener.moved_us = now;
    } else if (now - listener.moved_us > stuck_us) {
      lws_set_timeout(connection->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
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
