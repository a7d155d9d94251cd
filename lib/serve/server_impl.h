// SPDX-License-Identifier: MIT
// The server's inside, shared by its five sources: server.cpp (start, clock, end), connections.cpp (bytes in and out),
// requests.cpp, listeners.cpp and composer.cpp. Everything here runs on the event loop, except own_figures_snapshot().
#pragma once

#include <libwebsockets.h>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "figures/metrics.h"
#include "net/http.h"
#include "net/rate_limit.h"
#include "net/web_socket.h"
#include "serve/composer_link.h"
#include "serve/controls.h"
#include "serve/server.h"
#include "serve/station.h"

namespace auralis {

inline constexpr int64_t us_per_ms = 1000;
inline constexpr int64_t us_per_s = 1'000'000;
inline constexpr size_t largest_body = size_t{16} * 1024;     // of a request, and of a listener's message
inline constexpr size_t largest_headers = size_t{16} * 1024;  // a browser sends every cookie of its host
inline constexpr RateLimit control_limit{20, 10};             // for an address
inline constexpr RateLimit message_limit{100, 50};            // for a connection

int64_t now_us();

struct Listener {
  Encoding encoding = Encoding::pcm;
  Codec codec = Codec::pcm;
  bool player = false;  // plain HTTP
  bool joined = false;  // the stream was there
  Cursor cursor;
  uint64_t counted_drops = 0;
  uint64_t seen_taken = 0;
  int64_t joined_us = 0;
  int64_t moved_us = 0;
  std::optional<double> buffer_ms;
  double underruns = 0;
  Bucket messages;
};

struct Connection {
  // What the bytes are that come: a request's head or body; none, until the answer has left; nothing that is wanted of
  // a player; a listener's frames; and nothing any more once all was said.
  enum class Stage { request, body, answer, player, socket, lingering };

  lws* wsi = nullptr;
  uint64_t id = 0;
  std::string address;
  Stage stage = Stage::request;
  bool reading = true;
  std::string inbound;  // what has come and is not dealt with: of requests only
  int64_t heard_us = 0;
  size_t unwanted = 0;  // bytes that came and were passed over

  HttpRequest request;
  int64_t awaited_since_us = 0;  // a request; 0: none is due
  bool keep_alive = true;
  bool waits_for_composer = false;
  // The answer on its way, how much of it was sent, and what comes after it.
  std::string out;
  size_t out_at = 0;
  Stage next = Stage::request;

  std::unique_ptr<Listener> listener;
  std::unique_ptr<WebSocket> socket;
  std::string replies;  // frames of the protocol itself
  int64_t pinged_us = 0;
  std::deque<PacketPtr> texts;
  int close_code = 0;
  std::string close_reason;
  bool close_sent = false;  // nothing may follow it
};

// A frame of the input, since silence may be sent before it, and the moment from which its latency counts.
struct Origin {
  int64_t input_frame = 0;
  int64_t began_us = 0;
};

class Server {
 public:
  Server(const ServeSettings& settings, Feed::Open open, const std::function<nlohmann::json()>& presets);
  ~Server();
  void run();

  // From any thread: the figures of the last tick.
  nlohmann::json own_figures_snapshot();

 private:
  // A lws timer that knows its server.
  struct Timer {
    lws_sorted_usec_list_t sul{};  // first: the callback gets a pointer to it
    Server* server = nullptr;
    void (Server::*job)() = nullptr;
  };

  // Start and end.
  void make_context();
  void listen();
  lws* adopt(int fd);
  void start(Timer& timer, void (Server::*job)(), int64_t in_us);
  void say_where();
  void begin_end(const std::string& reason);
  void drain();
  void flush();
  void go_on_ending();

  // The loop's callbacks.
  static int on_descriptor(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t length);
  static int on_connection(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t length);
  int descriptor_event(lws* wsi, lws_callback_reasons reason);
  int connection_event(lws* wsi, lws_callback_reasons reason, void* in, size_t length);
  void accept_all();
  void pace();
  void tick();
  void reach_composer();

  // Connections.
  Connection& connection_of(lws* wsi);
  void forget(lws* wsi);
  int on_bytes(Connection& connection, std::string_view bytes);
  int read_request(Connection& connection);
  int on_frames(Connection& connection, std::string_view bytes);
  static int pass_over(Connection& connection, std::string_view bytes);
  void close_is_said(Connection& connection);
  int on_writable(Connection& connection);
  bool write(Connection& connection, std::string_view bytes);
  bool set_reading(Connection& connection);  // whether that is new
  void begin_answer(Connection& connection, std::string out, Connection::Stage next);
  int go_on_answering(Connection& connection);
  void linger(Connection& connection);
  void hang_up(Connection& connection);
  bool plain_where_tls_is_spoken(const Connection& connection) const;

  // Requests.
  int on_request(Connection& connection);
  int on_body(Connection& connection, const std::string& body);
  std::optional<HttpResponse> answer(Connection& connection);
  int respond(Connection& connection, HttpResponse response);
  HttpResponse playlist(const HttpRequest& request) const;
  const nlohmann::json& presets();
  HttpResponse health() const;
  nlohmann::json controls();  // the control table, with the presets there are
  nlohmann::json status();
  nlohmann::json own_figures();

  // Listeners.
  std::optional<HttpResponse> refuse_upgrade(const HttpRequest& request) const;
  int upgrade(Connection& connection);
  std::optional<HttpResponse> begin_player(Connection& connection, Encoding encoding);
  void begin_listening(Connection& connection);
  void hold_on_to(Connection& connection, int64_t now_us);
  void join(Connection& connection);
  void leave(Connection& connection);
  int write_player(Connection& connection);
  int write_socket(Connection& connection);
  int write_packet(Connection& connection);
  void on_message(Connection& connection, const WebSocket::Message& message);
  void count_drops(Listener& listener);
  void on_client_metrics(Listener& listener, const nlohmann::json& message);
  void send(Connection& connection, const nlohmann::json& message);
  void broadcast(const std::function<nlohmann::json(const Listener&)>& message_for);
  // A frame of the stream in the rate that this listener's frames count in.
  int64_t position_for(const Listener& listener, int64_t position) const;
  void close(Connection& connection, int code, const std::string& reason);

  // Controls.
  std::optional<HttpResponse> refuse_control(const Connection& connection);
  std::optional<HttpResponse> refuse_control_by(const HttpRequest& request) const;
  bool own_origin(const HttpRequest& request) const;
  bool is_listed_origin(const HttpRequest& request) const;
  void let_read(const HttpRequest& request, HttpResponse& response) const;
  std::optional<HttpResponse> submit(Connection& connection, const nlohmann::json& body);
  void on_composer(const nlohmann::json& message);
  // `position`: where an acknowledged control is heard.
  void settle(const Controls::Pending& pending, nlohmann::json answer, int64_t position = 0);
  void await(std::deque<Origin>& origins, int64_t position, int64_t began_us) const;
  void observe_left(std::deque<Origin>& origins, Latency& latency);
  void on_state(const nlohmann::json& message, double t_s);
  void lose_composer();
  nlohmann::json state_message(const Listener& listener, int64_t position) const;

  ServeSettings settings_;
  std::function<nlohmann::json()> list_presets_;
  nlohmann::json listed_presets_;
  int64_t presets_listed_us_ = 0;
  lws_context* context_ = nullptr;
  lws_vhost* vhost_ = nullptr;
  lws* listen_wsi_ = nullptr;
  lws* stop_wsi_ = nullptr;
  lws* composer_wsi_ = nullptr;
  int listen_fd_ = -1;
  int spare_fd_ = -1;
  int port_ = 0;
  bool controls_open_ = true;
  std::vector<lws_protocols> protocols_;
  Timer pace_, tick_, reach_, end_;

  enum class Phase { running, fading, draining, closing, done } phase_ = Phase::running;
  int64_t phase_ends_us_ = 0;

  std::unordered_map<uint64_t, Connection*> connections_;  // owned through the library's handles
  std::vector<Connection*> listeners_;
  bool welcomed_ = false;  // those who came before the sound
  uint64_t connections_seen_ = 0;

  ComposerLink link_;
  Controls controls_;
  RateLimiter control_rate_{control_limit};
  nlohmann::json composer_state_ = nlohmann::json::object();
  double composer_t_s_ = 0;
  std::optional<int64_t> next_chord_position_;
  std::optional<int64_t> told_next_chord_position_;
  std::deque<Origin> controlled_;  // since a control arrived, until the first frame it changed leaves
  std::deque<Origin> composed_;    // since the composer made it: its timestamp, which it tells every second

  ProcessFigures process_;
  nlohmann::json process_figures_;
  int64_t process_asked_us_ = 0;
  Latency lateness_ms_;
  Latency control_latency_ms_;
  Latency end_to_end_latency_ms_;
  uint64_t clients_total_ = 0;
  uint64_t sent_ = 0;
  uint64_t dropped_ = 0;
  uint64_t bytes_ = 0;
  double client_underruns_ = 0;
  std::mutex figures_mutex_;
  nlohmann::json figures_ = nlohmann::json::object();

  std::unique_ptr<Station> station_;  // its thread wakes the context
};

}  // namespace auralis
