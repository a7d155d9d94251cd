// SPDX-License-Identifier: MIT
// Every limit of the server: how much it takes, how often, and how long it waits. auralis-serve(1) documents them for users.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/backoff.h"
#include "net/rate_limit.h"

namespace auralis::limits {

inline constexpr int64_t us_per_ms = 1000;
inline constexpr int64_t us_per_s = 1'000'000;

// Amounts.
inline constexpr size_t head_bytes =
    size_t{16} * 1024;  // of a request; a browser sends every cookie of its host
inline constexpr size_t body_bytes = size_t{16} * 1024;  // of a control, and of a listener's message
inline constexpr size_t discarded_bytes =
    size_t{16} * 1024 * 1024;                 // more than the kernels of both ends hold
inline constexpr size_t echoed_bytes = 128;   // of a ping, in its pong
inline constexpr size_t waiting_texts = 256;  // for one listener: more than it may ask at once
inline constexpr size_t response_piece_bytes = size_t{64} * 1024;
// A packet must fit one write: split, it costs four times the CPU. The largest there can be is base64 of 200 ms at
// 192 kHz.
inline constexpr size_t packet_bytes = size_t{256} * 1024;
inline constexpr size_t file_bytes = size_t{64} * 1024 * 1024;  // of the client's folder
inline constexpr size_t connections_of_address = 100;           // unless an option says otherwise
inline constexpr size_t connections_here = 64;                  // from this machine, beside its listeners
inline constexpr size_t short_token = 16;           // that the start warns of: any faster guessing finds it
inline constexpr size_t logged_bytes = 120;         // of what a stranger sent
inline constexpr size_t warnings = 64;              // about strangers, in warnings_us
inline constexpr int64_t spare_descriptors = 4096;  // for connections that do not listen, or not yet

// Rates.
inline constexpr RateLimit controls{20, 10};  // of an address: at once, and in a second
inline constexpr RateLimit wrong_tokens{20, 1};
inline constexpr RateLimit messages{100, 50};      // of a connection
inline constexpr RateLimit other_frames{100, 50};  // pings, and parts of messages

// Files of /api/recent.flac that are taken at once, of a station and by an address, and how much longer than it lasts
// one may take.
inline constexpr size_t recent_files = 4;
inline constexpr size_t recent_files_of_address = 1;
inline constexpr double recent_late_s = 60;

// A turn, where listeners steer one after another, and how long afterwards its holder lets those who asked go first.
inline constexpr int64_t turn_us = 60 * us_per_s;
inline constexpr int64_t turn_yields_us = 10 * us_per_s;

// A listener.
inline constexpr int64_t ping_after_us = 20 * us_per_s;     // of silence; the ping time-out is silent_us
inline constexpr int64_t silent_us = 45 * us_per_s;         // after which it has gone
inline constexpr int64_t takes_nothing_us = 60 * us_per_s;  // after which it has gone, too
inline constexpr int64_t behind_us = 3 * us_per_s;          // before it loses its oldest chunks
// What it is sent at once, so that it need not wait to begin: of the stream's past. Players buffer more than the page.
inline constexpr int socket_history_ms = 200;
inline constexpr int player_history_ms = 1000;

// Listeners over WebRTC. Each has threads and sockets of its own, and its offer costs a key.
inline constexpr size_t peers = 200;
inline constexpr size_t peers_of_address = 20;       // from this machine as many as there may be
inline constexpr RateLimit peer_offers{20, 1};       // of another address
inline constexpr RateLimit all_peer_offers{60, 20};  // of all of them
inline constexpr int64_t descriptors_of_peer = 16;

// Other waiting.
inline constexpr int tls_handshake_s = 10;
inline constexpr int64_t request_us = 15 * us_per_s;  // head and body, and the idle time before
inline constexpr int response_s = 30;                 // for a piece of a response to be taken
inline constexpr int close_s = 5;   // for a close frame to leave, and the other end's to come
inline constexpr int linger_s = 5;  // for the other end to close after all was said
inline constexpr int64_t warnings_us = 3600 * us_per_s;
inline constexpr int64_t composer_us = 5 * us_per_s;  // for the reply to a control

// The end: each phase takes at most so long. One that a signal asked for is over within 3 s, the fade before it included:
// the sender of a request may not wait longer.
inline constexpr int64_t fade_late_us = us_per_s / 5;  // a chunk, after which the fade is broken off
inline constexpr int64_t drain_us = 2 * us_per_s;
inline constexpr int64_t stop_drain_us = 3 * us_per_s / 10;
inline constexpr int64_t sinks_us = 4 * us_per_s / 10;    // for all of the server, after the drain
inline constexpr int64_t goodbye_us = 3 * us_per_s / 10;  // at least

// Private stations.
inline constexpr size_t private_stations_of_address = 3;   // from this machine as many as there are
inline constexpr RateLimit private_begins{10, 0.2};        // of another address
inline constexpr int64_t private_idle_us = 60 * us_per_s;  // without a listener

// A station that the server plays itself: sound kept between renderer and listeners, and how it is started again; for
// ever, since who could end the trouble may be asleep.
inline constexpr int own_room_s = 4;
inline constexpr int64_t descriptors_of_station = 24;
inline constexpr BackoffSettings own_music{.longest_delay_s = 30, .give_up_after = 0};

// How often the server looks after all that needs no exact moment, takes its own figures, and reads the presets anew.
inline constexpr int64_t tick_us = 250 * us_per_ms;
inline constexpr int64_t figures_age_us = us_per_s;
inline constexpr int64_t presets_age_us = 60 * us_per_s;

}  // namespace auralis::limits
