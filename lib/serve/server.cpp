// SPDX-License-Identifier: MIT
// The server's parts, put together: loop, port, station, routes, connections, end.
#include "serve/server.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/listen_fds.h"
#include "base/log.h"
#include "base/log_output.h"
#include "base/notify.h"
#include "base/session.h"
#include "base/stop.h"
#include "base/text.h"
#include "figures/reporter.h"
#include "figures/session_figures.h"
#include "net/acceptor.h"
#include "net/own_address.h"
#include "serve/access.h"
#include "serve/api.h"
#include "serve/client_files.h"
#include "serve/connection.h"
#include "serve/limits.h"
#include "serve/private_session.h"
#include "serve/private_stations.h"
#include "serve/refusals.h"
#include "serve/roster.h"
#include "serve/shutdown.h"
#include "serve/station_reports.h"
#include "serve/stations.h"
#include "serve/status_line.h"

namespace auralis {
namespace {

using nlohmann::json;

LoopSettings loop_settings(const ServeSettings& settings) {
  LoopSettings loop;
  loop.tls_cert = settings.tls_cert;
  loop.tls_key = settings.tls_key;
  loop.descriptors = 2 * static_cast<int64_t>(settings.max_clients) + limits::spare_descriptors +
                     limits::descriptors_of_station * static_cast<int64_t>(settings.own.most_private);
  if (settings.webrtc) loop.descriptors += limits::descriptors_of_peer * static_cast<int64_t>(limits::peers);
  loop.largest_write = limits::packet_bytes;
  loop.most_discarded = limits::discarded_bytes;
  loop.handshake_s = limits::tls_handshake_s;
  loop.linger_s = limits::linger_s;
  return loop;
}

AccessSettings access_settings(const ServeSettings& settings, Loop& loop) {
  return {.host = settings.host,
          .token = settings.token,
          .origins = settings.origins,
          .public_url = settings.public_url,
          .trusted_proxies = settings.trusted_proxies,
          .most_here = settings.max_clients + limits::connections_here,
          .most_of_address = settings.most_of_address,
          .is_certified = [&loop](const std::string& name) { return loop.is_certified(name); }};
}

// A socket that was handed over says itself where it listens.
ServeSettings with_address(ServeSettings settings, std::optional<int> listen_fd) {
  if (listen_fd) settings.host = host_of(*listen_fd);
  return settings;
}

class Server {
 public:
  Server(const ServeSettings& settings, Feed::Open open, const std::function<json()>& presets);
  ~Server() { loop_.release_handlers(); }
  void run();

  // From any thread: the figures of the last second.
  json last_figures();

 private:
  void announce() const;
  std::optional<std::string> turn_away(const std::string& address);
  void add_input(Feed::Open open);
  std::shared_ptr<Station> make_own(const StationPlan& plan);
  bool plays_own() const { return static_cast<bool>(settings_.own.read); }
  void reload();
  void reload_certificate();
  void reload_stations();
  void pace();
  void on_silence(Station& station);
  void tick();
  json status() const;
  void tell_supervisor(const Station& station, const json& figures);
  void take_figures(int64_t now_us);

  std::optional<int> listen_fd_;
  ServeSettings settings_;
  ClientFiles client_;
  Connections connections_;
  Loop loop_;  // before all that lives on it
  Access access_;
  std::optional<Acceptor> acceptor_;
  std::shared_ptr<ListenerSeats> seats_;
  Stations stations_;
  Roster roster_{stations_, [this](const StationPlan& plan) { return make_own(plan); }};
  PrivateStations private_stations_;
  PeerSessions peers_;
  StationReports reports_;
  const Station* input_ = nullptr;
  std::optional<Api> api_;
  std::optional<Shutdown> shutdown_;
  std::optional<Watch> stop_;
  std::optional<Watch> hangup_;
  Timer tick_;

  int64_t figures_taken_us_ = 0;
  bool played_ = false;  // at the last tick
  std::mutex figures_mutex_;
  json figures_ = json::object();
};

Server::Server(const ServeSettings& settings, Feed::Open open, const std::function<json()>& presets)
    : listen_fd_(take_listen_fd()),
      settings_(with_address(settings, listen_fd_)),
      client_(settings.client, settings.engine),
      loop_(
          loop_settings(settings), [this] { pace(); },
          [this](Stream& stream) {
            return std::make_shared<Connection>(stream, *api_, connections_, loop_.speaks_tls());
          }),
      access_(access_settings(settings_, loop_)),
      seats_(std::make_shared<ListenerSeats>(ListenerSeats{settings.max_clients, 0})),
      private_stations_(
          stations_, [this](const StationPlan& plan) { return make_own(plan); }, settings.own.most_private,
          settings.own.knows_tuning),
      peers_(loop_, settings.webrtc),
      reports_(stations_, plays_own() || settings.own.most_private > 0),
      tick_(loop_, [this] { tick(); }) {
  read_on_after_stop();  // what is sent then fades away
  const auto turn_away = [this](const std::string& address) { return this->turn_away(address); };
  if (listen_fd_) {
    acceptor_.emplace(loop_, *listen_fd_, turn_away);
  } else {
    acceptor_.emplace(loop_, settings.host, settings.port, turn_away);
  }
  if (open) add_input(std::move(open));
  if (plays_own()) roster_.follow(settings_.own.read(), monotonic_us());
  shutdown_.emplace(loop_, stations_, connections_, [this] {
    acceptor_.reset();
    private_stations_.close();
  });
  api_.emplace(stations_, Api::Parts{access_, client_, private_stations_, peers_, presets,
                                     [this] { return status(); }, reports_});
  stop_.emplace(loop_, stop_fd(), Watch::Events{[this] {
                  stop_.reset();
                  shutdown_->begin("stopped");
                }});
  const int hangup_fd = take_hangups();
  hangup_.emplace(loop_, hangup_fd, Watch::Events{[this, hangup_fd] {
                    uint64_t hangups = 0;
                    if (::read(hangup_fd, &hangups, sizeof hangups) > 0) reload();
                  }});
  take_figures(monotonic_us());
  tick_.start(0);
  announce();
}

void Server::add_input(Feed::Open open) {
  StationSettings station = settings_.station;
  station.webrtc = peers_.are_offered();
  station.seats = seats_;
  input_ = &stations_.add(std::make_shared<Station>(loop_, station, std::move(open),
                                                    [this](Station& over) { on_silence(over); }));
}

std::shared_ptr<Station> Server::make_own(const StationPlan& plan) {
  StationSettings station;
  station.name = plan.name;
  station.controls = plan.controls;
  station.key = plan.key;
  const std::string session = plan.session.empty() ? plan.name : plan.session;
  if (!plan.key.empty()) station.own_folder = std::make_shared<PrivateSession>(session);
  station.session = station.own_folder ? station.own_folder->path() : open_session(session);
  station.seats = seats_;
  station.webrtc = peers_.are_offered();
  station.broadcast = settings_.station.broadcast;
  if (!plan.key.empty()) station.broadcast.recent_s = 0.0;
  station.broadcast.outlets = plan.outlets;
  station.broadcast.tags = plan.tags;
  station.broadcast.record = plan.record;
  station.broadcast.feed = {.ends_by_owner = true, .room_s = limits::own_room_s};
  station.broadcast.skip_backlog = true;
  Music::Settings music{settings_.own.compose, settings_.own.render,
                        plan.key.empty() ? limits::own_music : BackoffSettings{}, plan.name};
  for (Launch* launch : {&music.compose, &music.render}) launch->arguments.push_back("--session=" + session);
  music.compose.arguments.insert(music.compose.arguments.end(), plan.piece.begin(), plan.piece.end());
  return std::make_shared<Station>(loop_, station, std::make_unique<StationMusic>(loop_, std::move(music)),
                                   [this](Station& over) { on_silence(over); });
}

// Of one that listens on every address: one that opens here, and one that opens in the house.
void Server::announce() const {
  const bool is_any = is_any_address(settings_.host);
  const auto url_of = [this](const std::string& host) {
    return std::string(loop_.speaks_tls() ? "https" : "http") + "://" +
           (host.find(':') != std::string::npos ? "[" + host + "]" : host) + ":" +
           std::to_string(acceptor_->port()) + "/";
  };
  const std::string& host = settings_.host;
  const std::string url = url_of(is_any ? "localhost" : host);
  const std::string others = is_any ? house_address() : "";
  const std::string house_url = others.empty() ? "" : url_of(others);
  const std::string in_the_house = others.empty() ? "" : " and, in the house, " + house_url;
  // On a terminal its supervisor says it.
  log(has_supervisor() && log_is_on_terminal() ? LogLevel::detail : LogLevel::info,
      "listening on " + url + in_the_house);
  notify_supervisor("READY=1\nSTATUS=listening on " + url + in_the_house + "\nX_AURALIS_URL=" + url +
                    (others.empty() ? "" : "\nX_AURALIS_HOUSE_URL=" + house_url));
  if (access_.controls_are_off()) {
    log_warning("others can reach " + host + " and there is no token: controls are refused (--token-file)");
  }
  if (!settings_.token.empty() && settings_.token.size() < limits::short_token) {
    log_warning("the token is short and may be guessed, expected " + std::to_string(limits::short_token) +
                " characters or more, such as openssl rand -base64 24 makes");
  }
  if (client_.empty())
    log_warning("there is no web client here: no page is shown (--client names its folder)");
}

// Before TLS is spoken nothing can be said.
std::optional<std::string> Server::turn_away(const std::string& address) {
  if (!access_.turns_away(address, monotonic_us())) return std::nullopt;
  if (loop_.speaks_tls()) return "";
  const HttpResponse response = refusal_response(refusals::too_many_connections());
  return response_head(response, response.body.size(), false) + response.body;
}

void Server::reload() {
  if (loop_.speaks_tls()) reload_certificate();
  if (plays_own()) reload_stations();
  if (!loop_.speaks_tls() && !plays_own())
    log_info("SIGHUP: there is no certificate and no list of stations to read again");
}

void Server::reload_certificate() {
  try {
    loop_.reload_certificate();
    log_info("SIGHUP: certificate and key were read again");
  } catch (const std::exception& error) {
    log_warning(std::string("SIGHUP: ") + error.what() + "; those of before stay");
  }
}

void Server::reload_stations() {
  if (shutdown_->has_begun()) return;
  try {
    roster_.follow(settings_.own.read(), monotonic_us());
    log_info("SIGHUP: the list of stations was read again");
  } catch (const std::exception& error) {
    log_warning(std::string("SIGHUP: ") + error.what() + "; the stations of before stay");
  }
}

void Server::run() {
  loop_.run();
  std::exception_ptr failure;
  const int64_t until_us = monotonic_us() + limits::sinks_us;
  for (const auto& station : stations_.all()) {
    station->stop();
    try {
      station->broadcast().finish(std::max<int64_t>(until_us - monotonic_us(), 0));
    } catch (...) {
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

// The loop was woken: a feed has something.
void Server::pace() {
  peers_.take_news();
  for (const auto& station : stations_.all()) station->pace_if_something_came();
}

// Of many stations one that has ended is no end of the server.
void Server::on_silence(Station& station) {
  if (shutdown_->has_begun()) return shutdown_->on_silence();
  if (settings_.hold || &station != input_) return station.flush();
  if (!plays_own()) return shutdown_->begin("ended");
  input_ = nullptr;  // another may come to lie where it was
  stations_.dismiss(station, monotonic_us());
}

// What needs no exact moment.
void Server::tick() {
  const int64_t now = monotonic_us();
  connections_.tick(now);
  peers_.tick();
  for (const auto& station : stations_.all()) station->tick(now);
  if (!shutdown_->has_begun()) {
    private_stations_.tick(now);
    stations_.tick(now);
  }
  const Station* first = stations_.first();
  const bool plays = first != nullptr && first->broadcast().is_playing();
  // Whoever waits for the first sound hears of it at once.
  const bool is_news = std::exchange(played_, plays) != plays && has_supervisor();
  if (is_news || now - figures_taken_us_ >= limits::figures_age_us) take_figures(now);
  tick_.start(limits::tick_us);
}

void Server::take_figures(int64_t now_us) {
  figures_taken_us_ = now_us;
  const Station* first = stations_.first();
  json figures = reports_.own(first);
  if (first != nullptr && has_supervisor()) tell_supervisor(*first, figures);
  const std::lock_guard lock(figures_mutex_);
  figures_ = std::move(figures);
}

// A watchdog is content while sound leaves, and while there is none to be sent; of several stations, while the loop turns.
void Server::tell_supervisor(const Station& station, const json& figures) {
  const Broadcast& broadcast = station.broadcast();
  const double position_s =
      broadcast.is_open() ? static_cast<double>(broadcast.position()) / broadcast.format().rate : 0.0;
  const json merged = read_session_figures(station.session(), figures).merged;
  const bool is_well = broadcast.is_playing() || broadcast.is_over() || shutdown_->has_begun() || plays_own();
  notify_supervisor("STATUS=" + printable(status_line(station.status(), position_s, merged)) +
                    "\nX_AURALIS_LISTENERS=" + std::to_string(seats_->taken) +
                    (is_well ? "\nWATCHDOG=1" : ""));
}

json Server::status() const {
  return {{"uptime_s", figures_.value("uptime_s", 0.0)},
          {"limits",
           {{"max_clients", settings_.max_clients},
            {"body_bytes", limits::body_bytes},
            {"controls_per_s", limits::controls.per_s},
            {"controls_burst", limits::controls.burst},
            {"private_stations", {{"most", private_stations_.most()}, {"now", private_stations_.size()}}}}},
          {"version", AURALIS_VERSION}};
}

json Server::last_figures() {
  const std::lock_guard lock(figures_mutex_);
  return figures_;
}

}  // namespace

void serve(const ServeSettings& settings, Feed::Open open, const std::function<json()>& presets) {
  Server server(settings, std::move(open), presets);
  const FigureReporter reporter(settings.station.name, "serve", [&server] { return server.last_figures(); });
  server.run();
}

}  // namespace auralis
