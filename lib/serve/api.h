// SPDX-License-Identifier: MIT
// What each path answers: one table of routes, and beside it the plain streams of the codecs and the client's files.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "net/http.h"
#include "serve/access.h"
#include "serve/client_files.h"
#include "serve/codec.h"
#include "serve/controls.h"
#include "serve/station.h"

namespace auralis {

// What a request comes to.
struct ReadBody {};  // it is asked again when its body is there: Api::on_body()
struct PlayStream {
  const CodecInfo* codec;
  HttpResponse head;
};
struct OpenSocket {
  const CodecInfo* codec;
  HttpResponse head;
};
using Outcome = std::variant<HttpResponse, Refusal, ReadBody, PlayStream, OpenSocket>;

class Api {
 public:
  struct Parts {
    Access& access;
    const ClientFiles& client;
    std::function<nlohmann::json()> list_presets;   // [{name, title, description}]
    std::function<nlohmann::json()> server_status;  // what /api/status tells beside the station's
    std::function<nlohmann::json()> figures;        // those of the whole session, as read_session_figures()
    std::function<std::string()> prometheus;        // the same as text
  };

  Api(Station& station, Parts parts);

  // `plainly`: without TLS where the port speaks it.
  Outcome on_request(const HttpRequest& request, bool plainly);
  // The body of a request that came to ReadBody: nullopt where it is on its way, and `answer` is called.
  std::optional<Refusal> on_body(const HttpRequest& request, const std::string& body,
                                 const std::string& address, ControlAnswer answer);

  Station& station() { return station_; }
  Access& access() { return parts_.access; }

 private:
  struct Route {
    std::string_view path;
    std::string_view methods;
    Outcome (Api::*handle)(const HttpRequest& request);
  };
  static const Route routes[];

  Outcome health(const HttpRequest& request);
  Outcome status(const HttpRequest& request);
  Outcome metrics(const HttpRequest& request);
  Outcome prometheus(const HttpRequest& request);
  Outcome presets(const HttpRequest& request);
  Outcome playlist(const HttpRequest& request);
  Outcome control(const HttpRequest& request);
  Outcome no_handshake(const HttpRequest& request);
  Outcome stream(const HttpRequest& request, const CodecInfo& codec);
  Outcome open_socket(const HttpRequest& request);
  std::optional<Refusal> refuse_handshake(const HttpRequest& request) const;
  const nlohmann::json& presets_now();

  Station& station_;
  Parts parts_;
  nlohmann::json presets_;
  int64_t presets_read_us_ = 0;
};

}  // namespace auralis
