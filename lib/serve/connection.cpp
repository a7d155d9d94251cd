// SPDX-License-Identifier: MIT
#include "serve/connection.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "serve/limits.h"
#include "serve/refusals.h"

namespace auralis {

uint64_t Connections::add(Connection& connection) {
  all_[++seen_] = &connection;
  return seen_;
}

void Connections::remove(Connection& connection) { all_.erase(connection.id()); }

void Connections::tick(int64_t now_us) const {
  for (const auto& [id, connection] : all_) connection->check(now_us);
}

bool Connections::are_quiet() const {
  return std::all_of(all_.begin(), all_.end(), [](const auto& entry) { return entry.second->is_quiet(); });
}

Connection::Connection(Stream& stream, Api& api, Connections& connections, bool port_speaks_tls)
    : stream_(stream),
      api_(api),
      connections_(connections),
      port_speaks_tls_(port_speaks_tls),
      id_(connections.add(*this)),
      reader_(limits::head_bytes),
      state_(Reading{monotonic_us()}) {
  if (!api_.access().trusts(stream_.address())) seat_ = api_.access().connections().take(stream_.address());
}

Connection::~Connection() { connections_.remove(*this); }

bool Connection::wants_bytes() const {
  if (const auto* listening = std::get_if<Listening>(&state_)) return listening->listener->wants_bytes();
  return !std::holds_alternative<Responding>(state_) && !std::holds_alternative<Awaiting>(state_);
}

bool Connection::is_quiet() const {
  return std::holds_alternative<Reading>(state_) || std::holds_alternative<Awaiting>(state_);
}

void Connection::on_bytes(std::string_view bytes) {
  if (const auto* listening = std::get_if<Listening>(&state_)) return listening->listener->on_bytes(bytes);
  if (std::holds_alternative<Playing>(state_) || std::holds_alternative<Finished>(state_))
    return stream_.discard(bytes);
  // While a response is on its way nothing is read: these bytes had been read before.
  reader_.add(bytes);
  if (std::holds_alternative<Reading>(state_)) read_requests();
}

void Connection::on_writable() {
  if (std::holds_alternative<Responding>(state_)) return continue_response();
  if (const auto* playing = std::get_if<Playing>(&state_)) return playing->player->on_writable();
  if (const auto* listening = std::get_if<Listening>(&state_)) listening->listener->on_writable();
}

void Connection::check(int64_t now_us) {
  auto* reading = std::get_if<Reading>(&state_);
  if (reading == nullptr || now_us - reading->since_us < limits::request_us) return;
  if (!reading->head && reader_.is_idle()) return stream_.hang_up();
  respond(reading->head.value_or(HttpRequest()), refusal_response(refusals::request_timeout()), false);
}

void Connection::read_requests() {
  if (!std::get<Reading>(state_).head) {
    std::optional<RequestHead> head = reader_.take_head();
    if (!head) return;
    on_head(std::move(*head));
  }
  auto* reading = std::get_if<Reading>(&state_);
  if (reading == nullptr || !reading->head) return;
  const std::optional<std::string> body = reader_.take_body(*reading->head->content_length);
  if (!body) return;
  const HttpRequest request = std::move(*reading->head);
  on_body(request, *body);
}

void Connection::on_head(RequestHead head) {
  if (const auto* refusal = std::get_if<Refusal>(&head.request)) {
    HttpRequest unread;
    if (head.asks_head_only) unread.method = "HEAD";
    return respond(unread, refusal_response(*refusal), false);
  }
  on_request(std::get<HttpRequest>(std::move(head.request)));
}

// A proxy's connection is its client's, which only the request names, and one connection may carry several clients.
bool Connection::take_seat(const HttpRequest& request) {
  if (!request.sender.believed || (seat_ && seat_->is_of(request.sender.address))) return true;
  seat_.reset();
  seat_ = api_.access().connections().take(request.sender.address);
  return seat_.has_value();
}

void Connection::on_request(HttpRequest request) {
  api_.access().identify(request, stream_.address(), stream_.is_encrypted());
  if (!take_seat(request)) return respond(request, refusal_response(refusals::too_many_connections()), false);
  Outcome outcome = api_.on_request(request, port_speaks_tls_ && !stream_.is_encrypted());
  if (std::holds_alternative<ReadBody>(outcome)) {
    const bool goes_on = request.awaits_go_ahead && reader_.empty() && *request.content_length > 0;
    std::get<Reading>(state_).head = std::move(request);
    if (goes_on) stream_.write("HTTP/1.1 100 Continue\r\n\r\n");
    return;
  }
  if (auto* play = std::get_if<PlayStream>(&outcome)) return begin_player(request, std::move(*play));
  if (auto* file = std::get_if<SendFile>(&outcome)) return begin_file(request, std::move(*file));
  if (auto* open = std::get_if<OpenSocket>(&outcome))
    return begin_socket(std::move(request), std::move(*open));
  // A body that is not wanted is not read either, nor are frames behind a handshake that was refused.
  const bool keep_alive = request.keep_alive && !request.has_body() && !lists(request.upgrade, "websocket") &&
                          !(port_speaks_tls_ && !stream_.is_encrypted());
  if (const auto* refusal = std::get_if<Refusal>(&outcome))
    return respond(request, refusal_response(*refusal), keep_alive && refusal->status != 411);
  respond(request, std::get<HttpResponse>(std::move(outcome)), keep_alive);
}

void Connection::on_body(const HttpRequest& request, const std::string& body) {
  const auto on_response = [weak = weak_from_this()](const HttpResponse& response) {
    if (const auto connection = weak.lock()) connection->on_control_response(response);
  };
  // The response may come before this returns.
  state_ = Awaiting{request};
  stream_.deadline(limits::response_s);
  if (const std::optional<Refusal> refusal = api_.on_body(request, body, on_response))
    respond(request, refusal_response(*refusal), request.keep_alive);
  stream_.update_reading();
}

void Connection::on_control_response(const HttpResponse& response) {
  const auto* awaiting = std::get_if<Awaiting>(&state_);
  if (awaiting == nullptr) return;
  const HttpRequest request = awaiting->request;
  respond(request, response, request.keep_alive);
}

void Connection::respond(const HttpRequest& request, HttpResponse response, bool keep_alive) {
  api_.access().add_cross_origin_headers(request, response);
  const bool stays = keep_alive && !connections_.are_ending();
  const bool bare = response.status == 304 || response.status == 204;
  const std::optional<size_t> length = bare ? std::nullopt : std::optional(response.body.size());
  std::string out = response_head(response, length, stays);
  if (!bare && request.method != "HEAD") out += response.body;
  begin_response(std::move(out), stays ? AfterResponse(Reading{}) : AfterResponse(Finished{}));
}

void Connection::begin_player(const HttpRequest& request, PlayStream play) {
  api_.access().add_cross_origin_headers(request, play.head);
  std::string out = response_head(play.head, std::nullopt, false);
  if (request.method == "HEAD") return begin_response(std::move(out), Finished{});
  Station& station = *play.station;
  auto player = std::make_shared<Player>(stream_, station, *play.codec, play.tells_titles);
  station.listeners().add(*player);
  player->join(monotonic_us());
  out += player->header();
  begin_response(std::move(out), Playing{std::move(player)});
}

// How long it will be is not known: it ends with the connection.
void Connection::begin_file(const HttpRequest& request, SendFile file) {
  api_.access().add_cross_origin_headers(request, file.head);
  if (request.method == "HEAD") file.next = nullptr;
  begin_response(response_head(file.head, std::nullopt, false), Finished{}, std::move(file.next));
}

void Connection::begin_socket(HttpRequest request, OpenSocket open) {
  if (connections_.are_ending()) return respond(request, refusal_response(refusals::shutting_down()), false);
  begin_response(response_head(open.head, std::nullopt, true),
                 Listening{std::make_shared<SocketListener>(stream_, *open.station, *open.codec,
                                                            api_.access(), std::move(request), id_)});
}

void Connection::begin_response(std::string out, AfterResponse after, std::function<std::string()> next) {
  state_ = Responding{std::move(out), std::move(after), std::move(next)};
  stream_.update_reading();
  stream_.deadline(limits::response_s);
  stream_.want_writable();
}

void Connection::continue_response() {
  auto& responding = std::get<Responding>(state_);
  if (responding.sent == responding.out.size() && responding.next) {
    responding.out = responding.next();
    responding.sent = 0;
  }
  if (responding.sent < responding.out.size()) {
    const std::string_view piece =
        std::string_view(responding.out).substr(responding.sent, limits::response_piece_bytes);
    stream_.write(piece);
    responding.sent += piece.size();
    stream_.deadline(limits::response_s);
    return stream_.want_writable();
  }
  stream_.no_deadline();
  after_response(std::move(responding.after));
}

void Connection::after_response(AfterResponse after) {
  const int64_t now = monotonic_us();
  if (auto* playing = std::get_if<Playing>(&after)) {
    const std::shared_ptr<Player> player = playing->player;
    state_ = std::move(*playing);
    player->on_writable();
  } else if (auto* listening = std::get_if<Listening>(&after)) {
    const std::shared_ptr<SocketListener> listener = listening->listener;
    state_ = std::move(*listening);
    listener->begin(connections_.are_ending(), now);
    const std::string frames = reader_.take_rest();
    if (!frames.empty()) listener->on_bytes(frames);
  } else if (std::holds_alternative<Finished>(after) || connections_.are_ending()) {
    return finish();
  } else {
    state_ = Reading{now};
    if (!reader_.empty()) read_requests();
  }
  stream_.update_reading();
}

void Connection::finish() {
  state_ = Finished{};
  stream_.finish();
}

}  // namespace auralis
