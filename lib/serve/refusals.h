// SPDX-License-Identifier: MIT
// Everything that the server refuses, with its status, code and text, and why it closes a WebSocket; only what is wrong
// with the head of a request has its texts where heads are read (net/request_head.cpp), and what a control may be in the
// control table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/refusal.h"
#include "net/web_socket.h"

namespace auralis::refusals {

// Addresses and methods.
Refusal not_found(std::string_view path);
Refusal no_client();
Refusal no_hls();
Refusal no_codec(std::string_view path);
Refusal no_recent();
Refusal bad_minutes(double most);
Refusal too_many_files();
Refusal no_station(std::string_view path);
Refusal no_station_yet();
Refusal no_socket_here();
Refusal wrong_method(std::string_view allowed);
Refusal tls_expected(bool redirects);

// Who may.
Refusal foreign_host();
Refusal foreign_origin(std::string_view may_not);
Refusal controls_off();
Refusal no_controls();
Refusal not_your_turn(int64_t wait_us);
Refusal others_wait(int64_t wait_us);
Refusal token_missing();
Refusal token_wrong();
Refusal too_many_controls();
Refusal too_many_wrong_tokens();
Refusal too_many_connections();
Refusal too_many_listeners();

// Private stations.
Refusal too_many_stations(int64_t free_in_us);
Refusal too_many_stations_of_address();
Refusal too_many_beginnings();
Refusal no_station_now();

// WebRTC.
Refusal no_webrtc();
Refusal no_peer(std::string_view path);
Refusal sdp_expected();
Refusal bad_offer(const std::string& why);
Refusal no_answer(const std::string& why);
Refusal too_many_peers();
Refusal too_many_offers();

// Requests.
Refusal request_timeout();
Refusal length_required();
Refusal body_too_large();
Refusal body_not_wanted(std::string_view what);
Refusal body_not_json();
Refusal upgrade_required(const std::string& expected, std::string_view header = {});
Refusal bad_handshake(const std::string& expected, std::string_view header);
Refusal unknown_codec();

// Messages of a WebSocket.
Refusal bad_message(const std::string& expected, std::string_view field = {});
Refusal unknown_type(const std::string& expected);

// Controls.
Refusal bad_control(const std::string& message, const std::string& field = {});
Refusal nothing_set();
Refusal composer_unavailable(const std::string& message);

// The sound, and the end.
Refusal no_audio(const std::string& reason);
Refusal shutting_down();

// Of a WebSocket that is closed.
CloseReason server_ends();
CloseReason station_ends();
CloseReason full();
CloseReason not_text();
CloseReason too_many_messages();
CloseReason too_many_frames();
CloseReason broken_protocol(int code);  // as WebSocket::broken() says

}  // namespace auralis::refusals
