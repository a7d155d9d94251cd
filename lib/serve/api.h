// SPDX-License-Identifier: MIT
// What each path responds with: one table of routes, and beside it the plain streams of the codecs and the client's
// files.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "net/address_counts.h"
#include "net/http.h"
#include "serve/access.h"
#include "serve/client_files.h"
#include "serve/codec.h"
#include "serve/controls.h"
#include "serve/peer_sessions.h"
#include "serve/private_stations.h"
#include "serve/station_reports.h"
#include "serve/stations.h"

namespace auralis {

// What a request comes to.
struct ReadBody {};  // it is asked again when its body is there: Api::on_body()
struct PlayStream {
  Station* station;
  const CodecInfo* codec;
  HttpResponse head;
  bool tells_titles;
};
struct SendFile {  // made as it is taken
  HttpResponse head;
  std::function<std::string()> next;  // bytes, none at the end
};
struct OpenSocket {
  Station* station;
  const CodecInfo* codec;
  HttpResponse head;
};
using Outcome = std::variant<HttpResponse, Refusal, ReadBody, PlayStream, SendFile, OpenSocket>;

class Api {
 public:
  struct Parts {
    Access& access;
    const ClientFiles& client;
    PrivateStations& private_stations;
    PeerSessions& peers;
    std::function<nlohmann::json()> list_presets;  // [{name, title, description}]
    std::function<nlohmann::json()>
        server_status;  // what /api/status has beside the station's and the asker's
    StationReports& reports;
  };

  Api(Stations& stations, Parts parts);

  // `plainly`: without TLS where the port speaks it. Who sent the request is known: Access::identify().
  Outcome on_request(const HttpRequest& request, bool plainly);
  // The body of a request that came to ReadBody: nullopt where `on_response` is called, at once or once the composer
  // replied.
  using OnResponse = std::function<void(const HttpResponse&)>;
  std::optional<Refusal> on_body(const HttpRequest& request, const std::string& body, OnResponse on_response);

  Access& access() { return parts_.access; }

 private:
  // A request, and the station that it is about.
  struct Call {
    const HttpRequest& request;
    Station* station;       // nullptr: there is none now, and the path is the server's
    std::string_view path;  // of the station
    bool is_of_server() const { return path.size() == request.path.size(); }
  };
  struct Route {
    std::string_view path;
    std::string_view methods;
    Outcome (Api::*handle)(const Call& call);
    bool is_of_server = false;  // it needs no station
  };
  static const Route routes[];

  Outcome route(const Call& call);
  Outcome health(const Call& call);
  Outcome status(const Call& call);
  Outcome metrics(const Call& call);
  Outcome prometheus(const Call& call);
  Outcome presets(const Call& call);
  Outcome stations(const Call& call);
  Outcome begin_private(const HttpRequest& request, const nlohmann::json& wish);
  Outcome end_private(const Call& call);
  Outcome playlist(const Call& call);
  Outcome hls(const Call& call);
  Outcome recent(const Call& call);
  Outcome control(const Call& call);
  Outcome no_handshake(const Call& call);
  Outcome whep(const Call& call);
  Outcome end_peer(const Call& call);
  std::optional<Refusal> on_offer(const HttpRequest& request, Station& station, const std::string& offer,
                                  OnResponse on_response);
  Outcome stream(const Call& call, const CodecInfo& codec);
  Outcome open_socket(const Call& call);
  std::optional<Refusal> refuse_handshake(const Call& call);
  std::optional<Refusal> on_control(const HttpRequest& request, Station& station, const std::string& body,
                                    OnResponse on_response);
  const nlohmann::json& presets_now();

  Stations& stations_;
  Parts parts_;
  AddressCounts files_of_;  // /api/recent.flac, for each address
  nlohmann::json presets_;
  std::shared_ptr<const nlohmann::json> control_table_;  // with the presets' names
  int64_t presets_read_us_ = 0;
};

}  // namespace auralis
