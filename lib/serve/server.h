// SPDX-License-Identifier: MIT
// One port for everything: page, REST, WebSocket and plain streams, on one event loop.
//   endpoints   see auralis-serve(1)
//   ends        with the input (unless it holds, or plays stations of its own), or when a stop is requested: announces it,
//               drains, returns
//   SIGHUP      has certificate and key read again, and the list of stations
//   errors      Error{environment} for an address that cannot be had or a certificate that cannot be used; what the
//               input throws
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/web_address.h"
#include "serve/peer_sessions.h"
#include "serve/station.h"
#include "serve/station_plan.h"

namespace auralis {

// The stations that a server plays itself.
struct OwnStations {
  // Throws Error{bad_input} where the list is wrong; none: there is no list.
  std::function<std::vector<StationPlan>()> read;
  Launch compose;  // what all of them have
  Launch render;
  size_t most_private = 0;  // that listeners may ask for
  std::function<bool(const std::string&)> knows_tuning;
};

struct ServeSettings {
  std::string host = "127.0.0.1";
  int port = 8000;               // 0: any free one
  std::filesystem::path client;  // empty: no web client, and no file is served
  std::filesystem::path engine;  // what the client plays with by itself; empty: it does not
  bool hold = false;
  std::string token;  // empty: none
  std::vector<std::string> origins;
  std::optional<WebAddress> public_url;
  std::vector<AddressRange> trusted_proxies;
  std::optional<size_t> most_of_address;  // connections; nullopt: as Access says
  std::filesystem::path tls_cert;
  std::filesystem::path tls_key;
  size_t max_clients = 1000;
  PeerSessions::Open webrtc;  // none: there is no WebRTC
  StationSettings station;    // that of the input
  OwnStations own;
};

// `open`: the input; none: there are own stations alone. `presets`: the list for /api/presets.
void serve(const ServeSettings& settings, Feed::Open open, const std::function<nlohmann::json()>& presets);

}  // namespace auralis
