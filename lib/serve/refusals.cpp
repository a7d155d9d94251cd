// SPDX-License-Identifier: MIT
#include "serve/refusals.h"

#include <algorithm>

#include "model/number_text.h"
#include "serve/codec.h"
#include "serve/limits.h"

namespace auralis::refusals {
namespace {

constexpr size_t longest_path = 200;  // of what a stranger sent

// Said by HTTP and by the close frame of a WebSocket.
constexpr const char* ending = "the server is ending";
constexpr const char* listeners_full = "as many listen as may (--max-clients)";

Refusal recoverable(int status, const std::string& code, const std::string& message) {
  return {status, code, message, "", true};
}

Refusal again_after(int64_t wait_us, Refusal refusal) {
  refusal.retry_after_s =
      static_cast<int>(std::max<int64_t>((wait_us + limits::us_per_s - 1) / limits::us_per_s, 1));
  return refusal;
}

Refusal bad_request(const std::string& message, std::string_view field) {
  return {400, "bad_request", message, std::string(field)};
}

}  // namespace

Refusal not_found(std::string_view path) {
  return {404, "not_found", "nothing is at " + std::string(path.substr(0, longest_path)), ""};
}
Refusal no_client() {
  return {404, "no_client", "this server has no web client to show (--client names its folder)", ""};
}
Refusal no_codec(std::string_view path) {
  return {404, "no_codec", "the encoder for " + std::string(path) + " is not installed here", ""};
}
Refusal no_hls() {
  return {404, "no_hls",
          "this station has no HLS: auralis-serve --hls DIR, or hls in a list of stations, makes it", ""};
}
Refusal no_recent() {
  return {404, "no_recent",
          "this station keeps nothing of what it sent: auralis-serve --keep-recent 10m keeps ten minutes",
          ""};
}
Refusal bad_minutes(double most) {
  return bad_request("minutes is out of range, expected a number above 0, up to " + number_text(most),
                     "minutes");
}
Refusal too_many_files() {
  return recoverable(503, "too_many_files",
                     "as many are being taken as may at once: " + std::to_string(limits::recent_files) +
                         ", and " + std::to_string(limits::recent_files_of_address) + " by an address");
}

Refusal no_station(std::string_view path) {
  return {404, "no_station",
          "no station is at " + std::string(path.substr(0, longest_path)) + ", expected /s/NAME/", ""};
}
Refusal no_station_yet() { return recoverable(503, "no_station", "no station plays here now"); }
Refusal no_socket_here() { return {404, "not_found", "the WebSocket is at /ws/stream", ""}; }
Refusal wrong_method(std::string_view allowed) {
  const std::string methods(allowed);
  return {405, "method_not_allowed", "expected " + methods, "", false, methods};
}
Refusal tls_expected(bool redirects) {
  return {redirects ? 307 : 400, "tls_expected", "this port speaks TLS: expected https://", ""};
}

Refusal foreign_host() {
  return {421, "misdirected", "this server does not go by that name (--public-url gives it one)", "Host"};
}
Refusal foreign_origin(std::string_view may_not) {
  return {403, "origin_not_allowed",
          "pages of this origin may not " + std::string(may_not) + " (--origin allows them)", "Origin"};
}
Refusal controls_off() {
  return {403, "controls_off", "controls are off here: the server was started without a token", ""};
}
Refusal no_controls() { return {403, "controls_off", "this station takes no controls", ""}; }
Refusal not_your_turn(int64_t wait_us) {
  return again_after(wait_us,
                     recoverable(423, "not_your_turn", "somebody else steers now, a minute at a time"));
}
Refusal others_wait(int64_t wait_us) {
  return again_after(wait_us, recoverable(423, "others_wait", "your turn is over, and somebody else waits"));
}
Refusal token_missing() { return {401, "unauthorized", "controls need the token", "token"}; }
Refusal token_wrong() { return {403, "forbidden", "the token is not right", "token"}; }
Refusal too_many_controls() {
  return recoverable(
      429, "too_many_controls",
      "expected at most " + std::to_string(static_cast<int>(limits::controls.per_s)) + " a second");
}
Refusal too_many_wrong_tokens() {
  return recoverable(429, "too_many_wrong_tokens", "the token is not right, and so were too many before it");
}
Refusal too_many_connections() {
  return recoverable(429, "too_many_connections",
                     "expected fewer connections of one address (--max-per-address)");
}
Refusal too_many_listeners() { return recoverable(503, "too_many_clients", listeners_full); }

Refusal too_many_stations(int64_t free_in_us) {
  return again_after(free_in_us, recoverable(503, "too_many_stations",
                                             "as many private stations play as may (--private-stations); "
                                             "the common one plays on"));
}
Refusal too_many_stations_of_address() {
  return recoverable(429, "too_many_stations",
                     "expected at most " + std::to_string(limits::private_stations_of_address) +
                         " private stations of one address");
}
Refusal too_many_beginnings() {
  Refusal refusal = recoverable(429, "too_many_stations", "expected private stations to be begun less often");
  refusal.retry_after_s = static_cast<int>(1 / limits::private_begins.per_s);
  return refusal;
}
Refusal no_station_now() {
  return recoverable(503, "no_station", "no private station can be begun; the common one plays on");
}

Refusal no_webrtc() { return {404, "no_webrtc", "this server has no WebRTC: auralis-serve --webrtc", ""}; }
Refusal no_peer(std::string_view path) {
  return {404, "not_found", "no session of WebRTC is at " + std::string(path.substr(0, longest_path)), ""};
}
Refusal sdp_expected() {
  return {415, "sdp_expected", "expected an offer as application/sdp", "Content-Type"};
}
Refusal bad_offer(const std::string& why) { return {400, "bad_offer", why, ""}; }
Refusal no_answer(const std::string& why) { return recoverable(503, "no_answer", why); }
Refusal too_many_peers() {
  return recoverable(503, "too_many_clients",
                     "as many listen over WebRTC as may; /ws/stream and /stream.opus play on");
}
Refusal too_many_offers() {
  return recoverable(429, "too_many_offers", "expected offers of WebRTC less often");
}

Refusal request_timeout() {
  return {
      408, "request_timeout",
      "expected a whole request within " + std::to_string(limits::request_us / limits::us_per_s) + " seconds",
      ""};
}
Refusal length_required() { return {411, "length_required", "expected a Content-Length", ""}; }
Refusal body_too_large() {
  return {413, "too_large", "expected at most " + std::to_string(limits::body_bytes) + " bytes", ""};
}
Refusal body_not_wanted(std::string_view what) {
  return bad_request(std::string(what) + " takes no body", "Content-Length");
}
Refusal body_not_json() {
  return {400, "bad_json", "the body is not JSON, expected such as {\"intensity\": 0.5}", ""};
}
Refusal upgrade_required(const std::string& expected, std::string_view header) {
  return {426, "upgrade_required", "expected " + expected, std::string(header)};
}
Refusal bad_handshake(const std::string& expected, std::string_view header) {
  return bad_request("expected " + expected, header);
}
Refusal unknown_codec() { return bad_request("codec is unknown, expected " + socket_codec_names(), "codec"); }

Refusal bad_message(const std::string& expected, std::string_view field) {
  return {400, "bad_message", "expected " + expected, std::string(field), true};
}
Refusal unknown_type(const std::string& expected) {
  return {400, "unknown_type", "expected " + expected, "type", true};
}

Refusal bad_control(const std::string& message, const std::string& field) {
  return {400, "bad_control", message, field};
}
Refusal nothing_set() { return bad_control("nothing is set, expected such as {\"intensity\": 0.5}"); }
Refusal composer_unavailable(const std::string& message) {
  return recoverable(503, "composer_unavailable", message);
}

Refusal no_audio(const std::string& reason) { return recoverable(503, "no_audio", reason); }
Refusal shutting_down() { return recoverable(503, "shutting_down", ending); }

CloseReason server_ends() { return {going_away, ending}; }
CloseReason station_ends() { return {going_away, "the station has ended"}; }
CloseReason full() { return {try_later, listeners_full}; }
CloseReason not_text() { return {wrong_data, "expected text"}; }
CloseReason too_many_messages() { return {against_policy, "too many messages"}; }
CloseReason too_many_frames() { return {against_policy, "too many frames"}; }
CloseReason broken_protocol(int code) {
  switch (code) {
    case too_big:
      return {code, "expected at most " + std::to_string(limits::body_bytes) + " bytes"};
    case not_utf8:
      return {code, "expected UTF-8"};
    default:
      return {code, "expected frames as in RFC 6455, masked"};
  }
}

}  // namespace auralis::refusals
