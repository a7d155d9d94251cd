// SPDX-License-Identifier: MIT
// The server's HTTP side: what each path answers, and how an answer leaves.
#include <arpa/inet.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

#include "core/log.h"
#include "core/session_figures.h"
#include "serve/protocol.h"
#include "serve/server_impl.h"

namespace auralis {
namespace {

using nlohmann::json;

constexpr size_t response_piece = size_t{64} * 1024;
constexpr int response_s = 30;
constexpr int64_t presets_age_us = 60 * us_per_s;
constexpr size_t lingering_bytes = size_t{1024} * 1024;
constexpr int lingering_s = 5;

std::string header_value(lws* wsi, lws_token_indexes token) {
  std::string value(static_cast<size_t>(lws_hdr_total_length(wsi, token)) + 1, '\0');
  const int length = lws_hdr_copy(wsi, value.data(), static_cast<int>(value.size()), token);
  value.resize(length > 0 ? static_cast<size_t>(length) : 0);
  return value;
}

HttpRequest read_request(lws* wsi) {
  // In the order of the library's numbers for them.
  static constexpr const char* methods[]{"GET",   "POST",   "OPTIONS", "PUT",
                                         "PATCH", "DELETE", "CONNECT", "HEAD"};
  HttpRequest request;
  char* path = nullptr;
  int length = 0;
  const int method = lws_http_get_uri_and_method(wsi, &path, &length);
  if (method >= 0 && method < static_cast<int>(std::size(methods))) request.method = methods[method];
  // The library takes & and ; for the end of a piece before the ? too, and tells the length of all pieces: beyond the
  // first there is what was in that memory before.
  if (path != nullptr) request.path.assign(path, ::strnlen(path, static_cast<size_t>(length)));
  request.path_is_whole = path != nullptr && request.path.size() == static_cast<size_t>(length);
  std::string argument(largest_headers, '\0');
  for (int i = 0;; ++i) {
    const int size = lws_hdr_copy_fragment(wsi, argument.data(), static_cast<int>(argument.size()),
                                           WSI_TOKEN_HTTP_URI_ARGS, i);
    if (size < 0) break;
    const std::string_view text(argument.data(), static_cast<size_t>(size));
    const size_t equals = text.find('=');
    request.query[std::string(text.substr(0, equals))] = equals == text.npos ? "" : text.substr(equals + 1);
  }
  request.host = header_value(wsi, WSI_TOKEN_HOST);
  request.origin = header_value(wsi, WSI_TOKEN_ORIGIN);
  request.authorization = header_value(wsi, WSI_TOKEN_HTTP_AUTHORIZATION);
  request.if_none_match = header_value(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH);
  request.connection = header_value(wsi, WSI_TOKEN_CONNECTION);
  request.subprotocols = header_value(wsi, WSI_TOKEN_PROTOCOL);
  request.socket_key = header_value(wsi, WSI_TOKEN_KEY);
  request.socket_version = header_value(wsi, WSI_TOKEN_VERSION);
  request.chunked = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0;
  if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0) {
    const std::string text = header_value(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH);
    const bool number = text.size() < 19 && text.find_first_not_of("0123456789") == text.npos;
    request.content_length = number ? std::stoull(text) : ~uint64_t{0};
  }
  return request;
}

// Whose limits an address shares: of IPv6 its /64, which is one customer's; of IPv4 in IPv6 the IPv4.
std::string network_of(const char* address) {
  in6_addr v6{};
  if (::inet_pton(AF_INET6, address, &v6) != 1) return address;
  const bool is_v4 = IN6_IS_ADDR_V4MAPPED(&v6);
  return std::string(reinterpret_cast<const char*>(v6.s6_addr) + (is_v4 ? 12 : 0), is_v4 ? 4 : 8);
}

bool is_read(const HttpRequest& request) { return request.method == "GET" || request.method == "HEAD"; }

bool has_body(const HttpRequest& request) {
  return request.content_length.value_or(0) > 0 || request.chunked;
}

// In the library's eyes.
bool expects_body(const HttpRequest& request) {
  return request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
}

HttpResponse wrong_method(const char* allowed) {
  HttpResponse response = http_error(405, "method_not_allowed", std::string("expected ") + allowed);
  response.headers.emplace_back("Allow", allowed);
  return response;
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
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
      connection_of(wsi).awaited_since_us = now_us();
      return 0;
    case LWS_CALLBACK_HTTP: {
      Connection& connection = connection_of(wsi);
      connection.request = read_request(wsi);
      connection.inbound.clear();
      connection.wants_body = false;
      return on_request(connection);
    }
    case LWS_CALLBACK_HTTP_BODY: {
      Connection& connection = connection_of(wsi);
      // No more than was announced comes here; what is too much was refused.
      if (connection.wants_body && connection.inbound.size() + length <= largest_body)
        connection.inbound.append(static_cast<const char*>(in), length);
      return 0;
    }
    case LWS_CALLBACK_HTTP_BODY_COMPLETION: {
      Connection& connection = connection_of(wsi);
      if (std::exchange(connection.wants_body, false)) return on_body(connection);
      // More than the body came, and the library takes it for another; none at all is told so, too.
      if (has_body(connection.request)) connection.keep_alive = false;
      return 0;
    }
    case LWS_CALLBACK_RAW_RX: {
      Connection& connection = connection_of(wsi);
      if (!connection.out.empty()) return 0;
      connection.keep_alive = false;
      return respond(connection, http_error(400, "bad_request", "expected an HTTP/1.1 request"));
    }
    case LWS_CALLBACK_RAW_WRITEABLE:
    case LWS_CALLBACK_HTTP_WRITEABLE: {
      Connection& connection = connection_of(wsi);
      if (!connection.out.empty()) return go_on_responding(connection);
      return connection.listener ? write_listener(connection) : 0;
    }
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: {
      // To what it does not know the library has said no already, and may have thrown the request away.
      if (lws_hdr_total_length(wsi, WSI_TOKEN_UPGRADE) == 0) return -1;
      Connection& connection = connection_of(wsi);
      connection.request = read_request(wsi);
      const std::optional<HttpResponse> refusal =
          ::strcasecmp(static_cast<const char*>(in), "websocket") == 0
              ? refuse_upgrade(connection.request)
              : http_error(400, "bad_request", "expected an upgrade to websocket", "Upgrade");
      if (!refusal) return 0;
      const std::string whole = std::string(Packet::headroom, '\0') +
                                response_head(*refusal, refusal->body.size(), false) + refusal->body;
      auto* bytes = reinterpret_cast<unsigned char*>(const_cast<char*>(whole.data())) + Packet::headroom;
      lws_write(wsi, bytes, whole.size() - Packet::headroom, LWS_WRITE_HTTP_FINAL);
      linger(connection);
      return -1;
    }
    case LWS_CALLBACK_ESTABLISHED:
      begin_listening(connection_of(wsi));
      return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
      return write_listener(connection_of(wsi));
    case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL: {
      Connection& connection = connection_of(wsi);
      connection.closing = true;
      leave(connection);
      return 0;
    }
    case LWS_CALLBACK_RECEIVE:
      return on_message_piece(connection_of(wsi), {static_cast<const char*>(in), length});
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
  std::string address(64, '\0');
  lws_get_peer_simple(wsi, address.data(), address.size());
  connection->address = network_of(address.c_str());
  lws_set_opaque_user_data(wsi, connection.get());
  connections_[connection->id] = connection.get();
  return *connection.release();
}

void Server::forget(lws* wsi) {
  const std::unique_ptr<Connection> connection(static_cast<Connection*>(lws_get_opaque_user_data(wsi)));
  if (!connection) return;
  lws_set_opaque_user_data(wsi, nullptr);
  connections_.erase(connection->id);
  leave(*connection);
  if (connection->lingering_fd >= 0) linger_on(connection->lingering_fd);
}

// Closing a socket with bytes in it that nobody read resets the connection, and a reset takes the answer away that
// the other end has not read yet. So where more may come than was read, the socket outlives the library's handle:
// all was said, and what still comes is read and thrown away, so much and so long.
void Server::linger(Connection& connection) {
  if (connection.lingering_fd < 0)
    connection.lingering_fd = ::fcntl(lws_get_socket_fd(connection.wsi), F_DUPFD_CLOEXEC, 0);
}

void Server::linger_on(int fd) {
  ::shutdown(fd, SHUT_WR);
  if (phase_ == Phase::done) {
    ::close(fd);
    return;
  }
  lws* rest = adopt(fd);
  lingering_[rest] = lingering_bytes;
  lws_set_timeout(rest, PENDING_TIMEOUT_USER_OK, lingering_s);
}

// The library has a page of its own for an address that it cannot decode, and not a word for a head that is too long. What
// has come of a connection's first request when it is accepted can be looked at before the library gets it; over TLS it
// cannot, and a later one comes too late.
bool Server::refuse_at_once(int fd) {
  if (!settings_.tls_cert.empty()) return false;
  first_bytes_.resize(largest_headers + 1);
  const ssize_t count = ::recv(fd, first_bytes_.data(), first_bytes_.size(), MSG_PEEK | MSG_DONTWAIT);
  if (count <= 0) return false;
  const std::string_view begun(first_bytes_.data(), static_cast<size_t>(count));
  std::optional<HttpResponse> refusal = refuse_head(begun, largest_headers);
  // Behind a stream's head nothing may come: see tick().
  const size_t end = begun.find("\r\n\r\n");
  if (!refusal && begun.find(" /stream.") < begun.find('\r') && end < begun.size() - 4)
    refusal = http_error(400, "bad_request", "a stream is the last that a connection asks for");
  if (!refusal) return false;
  const std::string whole = response_head(*refusal, refusal->body.size(), false) + refusal->body;
  ::send(fd, whole.data(), whole.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  linger_on(fd);
  return true;
}

// False at the end, whosever it is.
bool Server::read_off(lws* wsi) {
  std::array<char, 16384> bytes;
  const ssize_t count = ::recv(lws_get_socket_fd(wsi), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  size_t& left = lingering_[wsi];
  left -= std::min(left, static_cast<size_t>(count));
  return count > 0 && left > 0;
}

int Server::on_request(Connection& connection) {
  const HttpRequest& request = connection.request;
  if (!request.path_is_whole) {
    connection.keep_alive = false;
    return respond(connection,
                   http_error(400, "bad_request", "expected no & and no ; before the ? of the address"));
  }
  if (request.method == "POST" && request.path == "/api/control") {
    std::optional<HttpResponse> refusal;
    if (request.chunked || !request.content_length) {
      refusal = http_error(411, "length_required", "expected a Content-Length");
    } else if (*request.content_length > largest_body) {
      refusal = http_error(413, "too_large", "expected at most " + std::to_string(largest_body) + " bytes");
    } else if (*request.content_length > 0) {
      connection.wants_body = true;
      return 0;  // on_body() goes on
    }
    if (!refusal) return on_body(connection);
    connection.keep_alive = false;
    return respond(connection, std::move(*refusal));
  }
  // A body that is not wanted is not read either; where nothing tells how long it is, the library expects one.
  if (has_body(request) || (expects_body(request) && !request.content_length)) connection.keep_alive = false;
  std::optional<HttpResponse> response = answer(connection);
  return response ? respond(connection, std::move(*response)) : 0;
}

int Server::on_body(Connection& connection) {
  if (std::optional<HttpResponse> refusal = refuse_control(connection))
    return respond(connection, std::move(*refusal));
  const json body = json::parse(connection.inbound, nullptr, false);
  connection.inbound.clear();
  if (body.is_discarded()) {
    return respond(connection, http_error(400, "bad_json",
                                          "the body is not JSON, expected such as {\"intensity\": 0.5}"));
  }
  if (std::optional<HttpResponse> refusal = submit(connection, body))
    return respond(connection, std::move(*refusal));
  connection.waits_for_composer = true;
  connection.awaited_since_us = 0;
  lws_set_timeout(connection.wsi, PENDING_TIMEOUT_HTTP_CONTENT, response_s);
  return 0;
}

// nullopt where the answer comes later, or never ends.
std::optional<HttpResponse> Server::answer(Connection& connection) {
  const HttpRequest& request = connection.request;
  const std::string& path = request.path;
  if (request.method == "OPTIONS" && is_listed_origin(request)) {
    return HttpResponse{204,
                        "text/plain",
                        "",
                        {{"Access-Control-Allow-Methods", "GET, HEAD, POST"},
                         {"Access-Control-Allow-Headers", "Authorization, Content-Type"}}};
  }
  if (path == "/api/control") return wrong_method("POST");
  if (path == "/ws/stream") {
    HttpResponse response = http_error(426, "upgrade_required", "expected a WebSocket handshake");
    response.headers.emplace_back("Upgrade", "websocket");
    return response;
  }
  if (!is_read(request)) return wrong_method("GET, HEAD");
  if (path == "/health") return health();
  if (path == "/api/status") return json_response(200, status());
  if (path == "/api/presets") return json_response(200, presets());
  if (path == "/api/metrics" || path == "/metrics") {
    const SessionFigures figures = read_session_figures(settings_.session, own_figures());
    if (path == "/metrics") {
      return HttpResponse{200,
                          "text/plain; version=0.0.4; charset=utf-8",
                          prometheus_text(figures.merged),
                          {{"Cache-Control", "no-store"}}};
    }
    json merged = figures.merged;
    merged["parts"] = figures.parts;
    return json_response(200, merged);
  }
  if (path == "/listen.m3u") return playlist(request);
  if (path == "/stream.opus" || path == "/stream.wav") {
    if (has_body(request)) return http_error(400, "bad_request", "a stream takes no body", "Content-Length");
    return begin_player(connection, path == "/stream.opus" ? Encoding::ogg : Encoding::pcm);
  }
  return client_file(settings_.client, request);
}

// Where there is no --origin no page of elsewhere has this in it, be it as sound; those that it names may read the answers, too.
void Server::let_read(const HttpRequest& request, HttpResponse& response) const {
  response.headers.emplace_back("Cross-Origin-Resource-Policy",
                                settings_.origins.empty() ? "same-origin" : "cross-origin");
  if (!is_listed_origin(request)) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", request.origin);
  response.headers.emplace_back("Vary", "Origin");
}

int Server::respond(Connection& connection, HttpResponse response) {
  let_read(connection.request, response);
  const bool bare = response.status == 304 || response.status == 204;
  const std::optional<size_t> length = bare ? std::nullopt : std::optional(response.body.size());
  connection.out = std::string(Packet::headroom, '\0') +
                   response_head(response, length, connection.keep_alive) +
                   (bare || connection.request.method == "HEAD" ? "" : response.body);
  connection.out_at = Packet::headroom;
  connection.waits_for_composer = false;
  connection.awaited_since_us = 0;
  lws_set_timeout(connection.wsi, PENDING_TIMEOUT_HTTP_CONTENT, response_s);
  lws_callback_on_writable(connection.wsi);
  return 0;
}

int Server::go_on_responding(Connection& connection) {
  const size_t piece = std::min(response_piece, connection.out.size() - connection.out_at);
  const bool last = connection.out_at + piece == connection.out.size();
  auto* bytes = reinterpret_cast<unsigned char*>(connection.out.data()) + connection.out_at;
  if (lws_write(connection.wsi, bytes, piece, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0) return -1;
  connection.out_at += piece;
  if (!last) {
    lws_set_timeout(connection.wsi, PENDING_TIMEOUT_HTTP_CONTENT, response_s);
    lws_callback_on_writable(connection.wsi);
    return 0;
  }
  connection.out.clear();
  connection.out_at = 0;
  if (connection.listener) {  // that was the head of a stream
    lws_set_timeout(connection.wsi, NO_PENDING_TIMEOUT, 0);
    lws_callback_on_writable(connection.wsi);
    return 0;
  }
  if (!connection.keep_alive || phase_ != Phase::running) {
    linger(connection);
    return -1;
  }
  connection.awaited_since_us = now_us();
  return lws_http_transaction_completed(connection.wsi) != 0 ? -1 : 0;
}

// Reading them all takes a while, and the loop has listeners waiting.
const json& Server::presets() {
  const int64_t now = now_us();
  if (listed_presets_.is_null() || now - presets_listed_us_ > presets_age_us) {
    listed_presets_ = list_presets_();
    presets_listed_us_ = now;
  }
  return listed_presets_;
}

HttpResponse Server::health() const {
  if (station_->playing()) return json_response(200, {{"status", "ok"}});
  const std::string reason = station_->over()   ? "the input has ended"
                             : station_->open() ? "the input has stalled"
                                                : "no input yet";
  HttpResponse response = http_error(503, "no_audio", reason);
  json body = json::parse(response.body);
  body["status"] = "unavailable";
  body["reason"] = reason;
  response.body = json_text(body) + "\n";
  return response;
}

HttpResponse Server::playlist(const HttpRequest& request) const {
  const std::string origin = page_origin(!settings_.tls_cert.empty(), request.host);
  if (origin.empty()) return http_error(400, "bad_request", "expected a Host header");
  return {200,
          "audio/x-mpegurl",
          "#EXTM3U\n#EXTINF:-1,Auralis\n" + origin + "/stream.opus\n",
          {{"Cache-Control", "no-store"}}};
}

json Server::status() const {
  json out = composer_state_;
  for (const char* name : {"key", "mode", "bpm", "intensity", "preset", "chord", "seed"}) {
    if (!out.contains(name)) out[name] = nullptr;
  }
  out["playing"] = station_->playing();
  out["composer"] = link_.connected() ? "connected" : "away";
  out["controls"] = !controls_open_ ? "off" : settings_.token.empty() ? "open" : "token";
  out["position"] = station_->position();
  if (next_chord_position_) out["next_chord_position"] = *next_chord_position_;
  out["sample_rate"] = station_->open() ? json(station_->rate()) : json(nullptr);
  out["channels"] = station_->open() ? json(station_->channels()) : json(nullptr);
  out["chunk_ms"] = station_->chunk_ms();
  out["uptime_s"] = figures_.value("uptime_s", 0.0);
  out["clients"] = listeners_.size();
  out["limits"] = {{"max_clients", settings_.max_clients},
                   {"body_bytes", largest_body},
                   {"controls_per_s", control_limit.per_s},
                   {"controls_burst", control_limit.burst}};
  out["version"] = AURALIS_VERSION;
  return out;
}

json Server::own_figures() {
  // The share of a core is that since the last time it was asked: over less than a second it would be noise.
  if (process_figures_.is_null() || now_us() - process_asked_us_ > us_per_s) {
    process_figures_ = process_.figures();
    process_asked_us_ = now_us();
  }
  json figures = process_figures_;
  std::vector<double> buffers;
  for (const Connection* connection : listeners_) {
    if (connection->listener->buffer_ms) buffers.push_back(*connection->listener->buffer_ms);
  }
  std::sort(buffers.begin(), buffers.end());
  figures["client_buffer_ms"] = {{"p50", buffers.empty() ? json(nullptr) : json(buffers[buffers.size() / 2])},
                                 {"min", buffers.empty() ? json(nullptr) : json(buffers.front())}};
  figures["client_underruns_total"] = client_underruns_;
  figures["clients"] = listeners_.size();
  figures["clients_total"] = clients_total_;
  figures["chunks_sent_total"] = sent_;
  figures["chunks_dropped_total"] = dropped_;
  figures["bytes_sent_total"] = bytes_;
  figures["send_lateness_ms"] = lateness_ms_.figures();
  figures["control_latency_ms"] = control_latency_ms_.figures();
  figures["end_to_end_latency_ms"] = end_to_end_latency_ms_.figures();
  json encode = station_->encode_ms().figures();
  figures["encode_ms"] = {{"p50", encode["p50"]}, {"p99", encode["p99"]}};
  figures["buffer_depth_ms"] = station_->buffer_depth_ms();
  figures["underruns_total"] = station_->underruns();
  figures["clock_shifts_total"] = station_->clock_shifts();
  figures["skipped_frames_total"] = station_->skipped_frames();
  return figures;
}

json Server::own_figures_snapshot() {
  const std::lock_guard lock(figures_mutex_);
  return figures_;
}

}  // namespace auralis
