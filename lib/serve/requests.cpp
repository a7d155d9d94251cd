// SPDX-License-Identifier: MIT
// The server's HTTP side: what each path answers.
#include <algorithm>
#include <utility>

#include "figures/session_figures.h"
#include "net/request_head.h"
#include "serve/server_impl.h"

namespace auralis {
namespace {

using nlohmann::json;

constexpr int64_t presets_age_us = 60 * us_per_s;

bool is_read(const HttpRequest& request) { return request.method == "GET" || request.method == "HEAD"; }

bool has_body(const HttpRequest& request) {
  return request.content_length.value_or(0) > 0 || request.chunked;
}

// Where TLS is spoken and somebody came without.
HttpResponse to_tls(const HttpRequest& request) {
  const std::string origin = page_origin(true, request.host);
  HttpResponse response = http_error(is_read(request) && !origin.empty() ? 307 : 400, "tls_expected",
                                     "this port speaks TLS: expected https://");
  if (response.status == 307) response.headers.emplace_back("Location", origin + request.target);
  return response;
}

}  // namespace

int Server::on_request(Connection& connection) {
  const HttpRequest& request = connection.request;
  connection.keep_alive = request.keep_alive;
  if (plain_where_tls_is_spoken(connection)) {
    connection.keep_alive = false;
    return respond(connection, to_tls(request));
  }
  // Any other offer may be passed over.
  if (lists(request.upgrade, "websocket") &&
      (lists(request.connection, "upgrade") || request.path == "/ws/stream"))
    return upgrade(connection);
  if (request.method == "POST" && request.path == "/api/control") {
    std::optional<HttpResponse> refusal;
    if (request.chunked || !request.content_length) {
      refusal = http_error(411, "length_required", "expected a Content-Length");
    } else if (*request.content_length > largest_body) {
      refusal = http_error(413, "too_large", "expected at most " + std::to_string(largest_body) + " bytes");
    } else {
      connection.stage = Connection::Stage::body;
      return 0;  // on_body() goes on
    }
    connection.keep_alive = false;
    return respond(connection, std::move(*refusal));
  }
  if (has_body(request)) connection.keep_alive = false;  // it is not wanted, and not read either
  std::optional<HttpResponse> response = answer(connection);
  return response ? respond(connection, std::move(*response)) : 0;
}

int Server::on_body(Connection& connection, const std::string& body) {
  if (std::optional<HttpResponse> refusal = refuse_control(connection))
    return respond(connection, std::move(*refusal));
  const json control = json::parse(body, nullptr, false);
  if (control.is_discarded()) {
    return respond(connection, http_error(400, "bad_json",
                                          "the body is not JSON, expected such as {\"intensity\": 0.5}"));
  }
  if (std::optional<HttpResponse> refusal = submit(connection, control))
    return respond(connection, std::move(*refusal));
  connection.waits_for_composer = true;
  begin_answer(connection, "", Connection::Stage::request);
  return 0;
}

// nullopt where the answer comes later, or never ends.
std::optional<HttpResponse> Server::answer(Connection& connection) {
  const HttpRequest& request = connection.request;
  const std::string& path = request.path;
  if (request.method == "OPTIONS" && is_listed_origin(request)) {
    return HttpResponse{204,
                        "",
                        "",
                        {{"Access-Control-Allow-Methods", "GET, HEAD, POST"},
                         {"Access-Control-Allow-Headers", "Authorization, Content-Type"}}};
  }
  if (path == "/api/control") return wrong_method("POST");
  if (path == "/ws/stream") return upgrade_required("expected a WebSocket handshake");
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

// Where there is no --origin no page of elsewhere has this in it, be it as sound; those that it names may read the
// answers, too.
void Server::let_read(const HttpRequest& request, HttpResponse& response) const {
  response.headers.emplace_back("Cross-Origin-Resource-Policy",
                                settings_.origins.empty() ? "same-origin" : "cross-origin");
  if (!settings_.origins.empty()) response.headers.emplace_back("Vary", "Origin");
  if (is_listed_origin(request)) response.headers.emplace_back("Access-Control-Allow-Origin", request.origin);
}

int Server::respond(Connection& connection, HttpResponse response) {
  let_read(connection.request, response);
  connection.keep_alive = connection.keep_alive && phase_ == Phase::running;
  const bool bare = response.status == 304 || response.status == 204;
  const std::optional<size_t> length = bare ? std::nullopt : std::optional(response.body.size());
  connection.waits_for_composer = false;
  begin_answer(connection,
               response_head(response, length, connection.keep_alive) +
                   (bare || connection.request.method == "HEAD" ? "" : response.body),
               connection.keep_alive ? Connection::Stage::request : Connection::Stage::lingering);
  return 0;
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

json Server::controls() {
  json table = control_table_json();
  json names = json::array();
  for (const json& preset : presets()) names.push_back(preset["name"]);
  table["preset"]["names"] = std::move(names);
  return table;
}

json Server::status() {
  json out = composer_state_;
  for (const char* name : {"key", "mode", "bpm", "intensity", "preset", "chord", "seed"}) {
    if (!out.contains(name)) out[name] = nullptr;
  }
  out["playing"] = station_->playing();
  out["composer"] = link_.connected() ? "connected" : "away";
  out["controls"] = controls();
  out["control_access"] = !controls_open_ ? "off" : settings_.token.empty() ? "open" : "token";
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
