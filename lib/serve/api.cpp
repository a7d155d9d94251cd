// SPDX-License-Identifier: MIT
#include "serve/api.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/clock.h"
#include "model/control.h"
#include "model/json_text.h"
#include "net/web_socket.h"
#include "serve/hls_files.h"
#include "serve/icy.h"
#include "serve/limits.h"
#include "serve/refusals.h"

namespace auralis {
namespace {

using nlohmann::json;

constexpr std::string_view socket_path = "/ws/stream";
constexpr std::string_view events_path = "/ws/events";
constexpr std::string_view whep_path = "/whep";
constexpr std::string_view peer_path = "/whep/";  // and its id
constexpr std::string_view subprotocol = "auralis.v1";
constexpr std::string_view reads = "GET, HEAD";
constexpr std::string_view list_page = "/stations.html";
constexpr std::string_view stations_path = "/api/stations";
constexpr std::string_view sdp_type = "application/sdp";
const std::pair<std::string, std::string> not_kept{"Cache-Control", "no-store"};

bool is_socket_path(std::string_view path) { return path == socket_path || path == events_path; }

// nullptr where there is none of that name.
const CodecInfo* wanted_codec(const HttpRequest& request, std::string_view path) {
  if (path == events_path) return &events_codec();
  const auto found = request.query.find("codec");
  return find_codec(found == request.query.end() ? "pcm" : found->second);
}

// 16 bytes in base64.
bool is_socket_key(std::string_view key) {
  return key.size() == 24 && key.ends_with("==") &&
         std::all_of(key.begin(), key.end() - 2,
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '+' || c == '/'; });
}

// A method of "GET, HEAD".
bool is_among(std::string_view methods, std::string_view method) { return lists_exactly(methods, method); }

Outcome redirect_to_tls(const HttpRequest& request) {
  const std::string origin = page_origin(true, request.host);
  const bool redirects = request.is_read() && !origin.empty();
  HttpResponse response = refusal_response(refusals::tls_expected(redirects));
  if (redirects) response.headers.emplace_back("Location", origin + request.target);
  return response;
}

// /s/NAME is meant as /s/NAME/: relative, so that a proxy's prefix stays in front.
Outcome redirect_into(const HttpRequest& request, const Station& station) {
  const size_t query = std::min(request.target.find('?'), request.target.size());
  const std::string there = "./" + station.address() + "/" + request.target.substr(query);
  return HttpResponse{308, "", "", {{"Location", there}, {"Cache-Control", "no-cache"}}};
}

}  // namespace

const Api::Route Api::routes[] = {
    {"/health", reads, &Api::health, true},       {"/api/status", reads, &Api::status},
    {"/api/metrics", reads, &Api::metrics, true}, {"/metrics", reads, &Api::prometheus, true},
    {"/api/presets", reads, &Api::presets, true}, {"/listen.m3u", reads, &Api::playlist},
    {"/api/control", "POST", &Api::control},      {stations_path, "GET, HEAD, POST", &Api::stations, true},
    {"/api/recent.flac", reads, &Api::recent},    {socket_path, "", &Api::no_handshake},
    {events_path, "", &Api::no_handshake},        {whep_path, "POST", &Api::whep},
};

Api::Api(Stations& stations, Parts parts)
    : stations_(stations), parts_(std::move(parts)), files_of_([](const std::string& address) {
        return is_loopback(address) ? limits::recent_files : limits::recent_files_of_address;
      }) {
  presets_now();
}

Outcome Api::on_request(const HttpRequest& request, bool plainly) {
  if (std::optional<Refusal> refusal = parts_.access.refuse_host(request, monotonic_us()))
    return std::move(*refusal);
  if (plainly) return redirect_to_tls(request);
  const Stations::Place place = stations_.place_of(request.path);
  if (place.station == nullptr && place.path.empty()) return refusals::no_station(request.path);
  if (place.path.empty()) return redirect_into(request, *place.station);
  return route({request, place.station, place.path});
}

Outcome Api::route(const Call& call) {
  const HttpRequest& request = call.request;
  // Any other offer to upgrade may be passed over.
  if (lists(request.upgrade, "websocket") &&
      (lists(request.connection, "upgrade") || is_socket_path(call.path)))
    return call.station == nullptr ? refusals::no_station_yet() : open_socket(call);
  if (request.method == "OPTIONS" && parts_.access.is_listed_origin(request)) {
    return HttpResponse{204,
                        "",
                        "",
                        {{"Access-Control-Allow-Methods", "GET, HEAD, POST, DELETE"},
                         {"Access-Control-Allow-Headers", "Authorization, Content-Type"}}};
  }
  if (request.method == "DELETE" && call.path == "/" && call.station != nullptr && call.station->is_private())
    return end_private(call);
  if (call.path.starts_with(peer_path) && call.station != nullptr) return end_peer(call);
  for (const Route& route : routes) {
    if (route.path != call.path) continue;
    if (!route.methods.empty() && !is_among(route.methods, request.method))
      return refusals::wrong_method(route.methods);
    if (call.station == nullptr && !route.is_of_server) return refusals::no_station_yet();
    return (this->*route.handle)(call);
  }
  if (!request.is_read()) return refusals::wrong_method(reads);
  const CodecInfo* codec = find_stream(call.path);
  if (call.station == nullptr && (codec != nullptr || is_hls_path(call.path)))
    return refusals::no_station_yet();
  if (is_hls_path(call.path)) return hls(call);
  if (codec != nullptr) return stream(call, *codec);
  // The door to several stations is their list; behind it each has the page.
  const bool shows_list = call.is_of_server() && call.path == "/" &&
                          (stations_.listed().size() > 1 || parts_.private_stations.most() > 0);
  auto file = parts_.client.get(request, shows_list ? list_page : call.path);
  if (auto* refusal = std::get_if<Refusal>(&file)) return std::move(*refusal);
  return std::get<HttpResponse>(std::move(file));
}

Outcome Api::health(const Call& call) {
  const std::optional<Refusal> silence =
      call.station == nullptr ? refusals::no_station_yet() : call.station->silence();
  if (!silence) return json_response(200, {{"status", "ok"}});
  return refusal_response(*silence, {{"status", "unavailable"}, {"reason", silence->message}});
}

Outcome Api::status(const Call& call) {
  presets_now();
  json out = call.station->status();
  out.update(parts_.server_status());
  out["control_access"] = parts_.access.control_access(call.request, call.station->controls());
  return json_response(200, out);
}

// Without a station's name: of all of them, where there may be several.
Outcome Api::metrics(const Call& call) {
  return json_response(200, parts_.reports.figures(call.station, call.is_of_server()));
}

Outcome Api::prometheus(const Call& call) {
  return HttpResponse{200,
                      "text/plain; version=0.0.4; charset=utf-8",
                      parts_.reports.prometheus(call.station, call.is_of_server()),
                      {not_kept}};
}

// Addresses are relative to the server's, as all of the page's are.
Outcome Api::stations(const Call& call) {
  if (call.request.method == "POST") {
    if (parts_.private_stations.most() == 0) return refusals::wrong_method(reads);
    return call.request.has_body() ? control(call) : begin_private(call.request, json::object());
  }
  json list = json::array();
  for (const Station* station : stations_.listed()) {
    json entry = station->summary();
    entry["address"] = "s/" + station->address() + "/";
    list.push_back(std::move(entry));
  }
  return json_response(200, list);
}

Outcome Api::presets(const Call&) { return json_response(200, presets_now()); }

Outcome Api::playlist(const Call& call) {
  const std::string server = parts_.access.address_for(call.request);
  if (server.empty()) return refusals::bad_handshake("a Host header", "Host");
  const std::string& path = call.request.path;
  const std::string station = path.substr(1, path.size() - call.path.size());  // "" or "s/NAME/"
  const std::string list =
      "#EXTM3U\n#EXTINF:-1," + call.station->tags().name + "\n" + server + station + "stream.opus\n";
  return HttpResponse{200, "audio/x-mpegurl", list, {not_kept}};
}

Outcome Api::hls(const Call& call) {
  if (call.station->broadcast().hls().empty()) return refusals::no_hls();
  if (std::optional<HttpResponse> file = hls_file(call.station->broadcast().hls(), call.path))
    return std::move(*file);
  if (call.path == hls_list_path) return refusals::no_audio("its first segments are being made");
  return refusals::not_found(call.path);
}

Outcome Api::recent(const Call& call) {
  const Broadcast& broadcast = call.station->broadcast();
  const Recent& recent = broadcast.recent();
  if (recent.kept_s() <= 0.0) return refusals::no_recent();
  const double kept_min = recent.kept_s() / 60.0;
  const auto asked = call.request.query.find("minutes");
  const json minutes = asked == call.request.query.end() ? json(kept_min) : parse_json(asked->second);
  if (!minutes.is_number() || !(minutes.get<double>() > 0.0 && minutes.get<double>() <= kept_min))
    return refusals::bad_minutes(kept_min);
  if (recent.there_s() <= 0.0) return refusals::no_audio("nothing was sent yet");
  std::optional<AddressCounts::Seat> seat = files_of_.take(call.request.sender.address);
  if (recent.files() >= limits::recent_files || !seat) return refusals::too_many_files();
  HttpResponse head{200,
                    "audio/flac",
                    "",
                    {not_kept,
                     {"Accept-Ranges", "none"},
                     {"Content-Disposition", "attachment; filename=\"" + call.station->name() + ".flac\""}}};
  // Others wait for the place.
  const double seconds = minutes.get<double>() * 60.0;
  const int64_t until_us =
      monotonic_us() + static_cast<int64_t>((seconds + limits::recent_late_s) * limits::us_per_s);
  return SendFile{std::move(head), [next = recent.file(seconds, broadcast.format().channels), until_us,
                                    held = std::make_shared<AddressCounts::Seat>(std::move(*seat))] {
                    return monotonic_us() < until_us ? next() : std::string();
                  }};
}

Outcome Api::control(const Call& call) {
  const HttpRequest& request = call.request;
  if (request.chunked || !request.content_length) return refusals::length_required();
  if (*request.content_length > limits::body_bytes) return refusals::body_too_large();
  return ReadBody{};
}

std::optional<Refusal> Api::on_body(const HttpRequest& request, const std::string& body,
                                    OnResponse on_response) {
  const Stations::Place place = stations_.place_of(request.path);
  if (place.path != stations_path) {
    if (place.station == nullptr) return refusals::no_station(request.path);  // it ended meanwhile
    if (place.path == whep_path) return on_offer(request, *place.station, body, std::move(on_response));
    return on_control(request, *place.station, body, std::move(on_response));
  }
  const json wish = parse_json(body);
  if (wish.is_discarded()) return refusals::body_not_json();
  Outcome outcome = begin_private(request, wish);
  if (auto* refusal = std::get_if<Refusal>(&outcome)) return std::move(*refusal);
  on_response(std::get<HttpResponse>(outcome));
  return std::nullopt;
}

std::optional<Refusal> Api::on_control(const HttpRequest& request, Station& station, const std::string& body,
                                       OnResponse on_response) {
  const int64_t now = monotonic_us();
  if (std::optional<Refusal> refusal = parts_.access.refuse_counted_control(request, station.controls(), now))
    return refusal;
  const json control = parse_json(body);
  if (control.is_discarded()) return refusals::body_not_json();
  return station.control(
      control, {limited_as(request.sender.address)},
      [kept = station.shared_from_this(),
       on_response = std::move(on_response)](const ControlOutcome& outcome) {
        const auto* refusal = std::get_if<Refusal>(&outcome);
        on_response(refusal != nullptr
                        ? refusal_response(*refusal)
                        : json_response(200, kept->acknowledgement(std::get<AppliedControl>(outcome))));
      },
      now);
}

// Whoever may listen may have one: the page asks for it, and another origin's page may not.
Outcome Api::begin_private(const HttpRequest& request, const json& wish) {
  const int64_t now = monotonic_us();
  if (std::optional<Refusal> refusal = parts_.access.refuse_listener(request, now))
    return std::move(*refusal);
  auto begun = parts_.private_stations.begin(wish, presets_now(), request.sender.address, now);
  if (auto* refusal = std::get_if<Refusal>(&begun)) {
    const Station* common = stations_.first();
    const bool helps = refusal->status != 400 && refusal->code != refusals::shutting_down().code;
    if (common == nullptr || !helps) return std::move(*refusal);
    return refusal_response(*refusal, {{"station", "s/" + common->address() + "/"}});
  }
  const std::string address = "s/" + std::get<std::shared_ptr<Station>>(begun)->address() + "/";
  HttpResponse response = json_response(201, {{"address", address}});
  if (const std::string server = parts_.access.address_for(request); !server.empty())
    response.headers.emplace_back("Location", server + address);
  return response;
}

Outcome Api::end_private(const Call& call) {
  const int64_t now = monotonic_us();
  if (std::optional<Refusal> refusal = parts_.access.refuse_listener(call.request, now))
    return std::move(*refusal);
  parts_.private_stations.end(*call.station, now);
  return HttpResponse{204, "", "", {not_kept}};
}

// draft-ietf-wish-whep: an offer comes, the answer goes, with every candidate in it.
Outcome Api::whep(const Call& call) {
  const HttpRequest& request = call.request;
  if (!parts_.peers.are_offered()) return refusals::no_webrtc();
  if (std::optional<Refusal> refusal = parts_.access.refuse_listener(request, monotonic_us()))
    return std::move(*refusal);
  const std::string_view type(request.content_type);
  if (!same_letters(trimmed(type.substr(0, type.find(';'))), sdp_type)) return refusals::sdp_expected();
  return control(call);
}

std::optional<Refusal> Api::on_offer(const HttpRequest& request, Station& station, const std::string& offer,
                                     OnResponse on_response) {
  // Relative where nothing better is known.
  const std::string server = parts_.access.address_for(request);
  const std::string base = server.empty() ? request.path : server + request.path.substr(1);
  return parts_.peers.begin(
      station, request.sender.address, offer,
      [base, on_response = std::move(on_response)](const auto& outcome) {
        if (const auto* refusal = std::get_if<Refusal>(&outcome))
          return on_response(refusal_response(*refusal));
        const auto& begun = std::get<PeerSessions::Begun>(outcome);
        on_response(
            {201,
             std::string(sdp_type),
             begun.answer,
             {{"Location", base + "/" + begun.id}, {"Access-Control-Expose-Headers", "Location"}, not_kept}});
      });
}

Outcome Api::end_peer(const Call& call) {
  if (call.request.method != "DELETE") return refusals::wrong_method("DELETE");
  if (std::optional<Refusal> refusal = parts_.access.refuse_listener(call.request, monotonic_us()))
    return std::move(*refusal);
  const std::string id(call.path.substr(peer_path.size()));
  if (!parts_.peers.end(*call.station, id)) return refusals::no_peer(call.path);
  return HttpResponse{204, "", "", {not_kept}};
}

Outcome Api::stream(const Call& call, const CodecInfo& codec) {
  if (call.request.has_body()) return refusals::body_not_wanted("a stream");
  const Broadcast& broadcast = call.station->broadcast();
  if (!broadcast.is_open() || broadcast.is_over()) return health(call);
  if (call.station->listeners().full()) return refusals::too_many_listeners();
  if (!load(codec)) return refusals::no_codec(call.path);
  const bool tells_titles = call.request.icy_metadata == "1";
  HttpResponse head{200, std::string(codec.content_type), "", {not_kept, {"Accept-Ranges", "none"}}};
  for (auto& header : icy_headers(broadcast.format().tags, tells_titles))
    head.headers.push_back(std::move(header));
  return PlayStream{call.station, &codec, std::move(head), tells_titles};
}

Outcome Api::no_handshake(const Call&) { return refusals::upgrade_required("a WebSocket handshake"); }

// RFC 6455, section 4.2.1.
std::optional<Refusal> Api::refuse_handshake(const Call& call) {
  const HttpRequest& request = call.request;
  if (!is_socket_path(call.path)) return refusals::no_socket_here();
  if (request.method != "GET") return refusals::wrong_method("GET");
  if (std::optional<Refusal> refusal = parts_.access.refuse_listener(request, monotonic_us())) return refusal;
  if (wanted_codec(request, call.path) == nullptr) return refusals::unknown_codec();
  if (request.host.empty()) return refusals::bad_handshake("a Host header", "Host");
  if (request.has_body()) return refusals::body_not_wanted("a handshake");
  if (!lists(request.connection, "upgrade"))
    return refusals::bad_handshake("Connection: Upgrade", "Connection");
  if (!is_socket_key(request.socket_key))
    return refusals::bad_handshake("a key of 16 bytes in base64", "Sec-WebSocket-Key");
  if (request.socket_version != "13")
    return refusals::upgrade_required("version 13", "Sec-WebSocket-Version");
  if (!request.subprotocols.empty() && !lists_exactly(request.subprotocols, subprotocol))
    return refusals::bad_handshake("the subprotocol auralis.v1 or none", "Sec-WebSocket-Protocol");
  return std::nullopt;
}

Outcome Api::open_socket(const Call& call) {
  const HttpRequest& request = call.request;
  if (std::optional<Refusal> refusal = refuse_handshake(call)) return std::move(*refusal);
  presets_now();
  HttpResponse head{
      101,
      "",
      "",
      {{"Upgrade", "websocket"}, {"Sec-WebSocket-Accept", web_socket_accept(request.socket_key)}}};
  if (!request.subprotocols.empty()) head.headers.emplace_back("Sec-WebSocket-Protocol", subprotocol);
  return OpenSocket{call.station, wanted_codec(request, call.path), std::move(head)};
}

// Reading them all takes a while, and the loop has listeners waiting.
const json& Api::presets_now() {
  const int64_t now = monotonic_us();
  if (presets_.is_null() || now - presets_read_us_ >= limits::presets_age_us) {
    presets_ = parts_.list_presets();
    presets_read_us_ = now;
    json table = control_table_json();
    json names = json::array();
    for (const json& preset : presets_) names.push_back(preset["name"]);
    table["preset"]["names"] = std::move(names);
    control_table_ = std::make_shared<const json>(std::move(table));
  }
  for (const auto& station : stations_.all()) station->set_control_table(control_table_);
  return presets_;
}

}  // namespace auralis
