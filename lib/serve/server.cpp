// SPDX-License-Identifier: MIT
#include "serve/server.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/session.h"
#include "base/stop.h"
#include "serve/protocol.h"
#include "serve/server_impl.h"

namespace auralis {
namespace {

using nlohmann::json;

// A packet must fit one write: split, it costs four times the CPU. The largest there can be is base64 of 200
// ms at 192 kHz.
constexpr size_t largest_packet = 256 * 1024;
constexpr const char* connection_protocol = "connection";
constexpr const char* descriptor_protocol = "descriptor";
constexpr int64_t drain_us = 2 * us_per_s;
constexpr int64_t closing_us = us_per_s / 2;  // at least, for what is said last
constexpr int64_t fade_us = PlayoutSettings{}.ending_ms * us_per_ms;
constexpr int64_t retry_us = 100 * us_per_ms;  // of what failed for want of memory or descriptors
constexpr unsigned handshake_s = 10;           // of TLS
constexpr int64_t spare_files = 4096;          // for who is not a listener, or not yet

// What libwebsockets says is for whoever debugs it; its last error tells why it would not start.
std::string last_library_error;
void on_library_log(int level, const char* line) {
  std::string text = line;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (level == LLL_ERR) last_library_error = text;
  log_detail(text);
}

}  // namespace

int64_t now_us() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * us_per_s + now.tv_nsec / 1000;
}

Server::Server(const ServeSettings& settings, Feed::Open open, const std::function<json()>& presets)
    : settings_(settings), list_presets_(presets), link_(settings.session / control_socket_name) {
  // As many as are needed: the library has a table of them all, and of more than ten million makes 2,560.
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    const auto wanted = static_cast<rlim_t>(2 * int64_t{settings_.max_clients} + spare_files);
    files.rlim_cur = std::min(files.rlim_max, wanted);
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  spare_fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  read_on_after_stop();  // what is sent then fades away
  listen();
  make_context();
  listen_wsi_ = adopt(listen_fd_);
  stop_wsi_ = adopt(::fcntl(stop_fd(), F_DUPFD_CLOEXEC, 0));
  station_ =
      std::make_unique<Station>(std::move(open), settings_.station, [this] { lws_cancel_service(context_); });
  figures_ = own_figures();
  start(pace_, &Server::pace, 0);
  start(tick_, &Server::tick, 0);
  start(reach_, &Server::reach_composer, 0);
  say_where();
}

Server::~Server() {
  phase_ = Phase::done;  // for what the library still tells of connections it closes: the station has gone
  station_.reset();
  if (context_ != nullptr) lws_context_destroy(context_);
  if (spare_fd_ >= 0) ::close(spare_fd_);
}

void Server::make_context() {
  lws_set_log_level(LLL_ERR | LLL_WARN, on_library_log);
  // Its loop, sockets and TLS are used, and bytes as they are: its own reading of HTTP and WebSockets answers what is
  // malformed with a page of its own, hangs up without a word, or takes it. See request_head.h and web_socket.h.
  const auto protocol = [this](const char* name, lws_callback_function* callback) {
    lws_protocols out{};
    out.name = name;
    out.callback = callback;
    out.tx_packet_size = largest_packet;
    protocols_.push_back(out);
  };
  protocol(connection_protocol, on_connection);
  protocol(descriptor_protocol, on_descriptor);
  protocols_.push_back({});

  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
  info.protocols = protocols_.data();
  info.user = this;
  info.gid = info.uid = static_cast<decltype(info.gid)>(-1);
  info.options = LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
  info.timeout_secs = handshake_s;
  info.alpn = "http/1.1";  // shared packets cannot carry the framing of HTTP/2
  if (!settings_.tls_cert.empty()) {
    // Who does not begin with a handshake of TLS is told so.
    info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT |
                    LWS_SERVER_OPTION_ALLOW_HTTP_ON_HTTPS_LISTENER;
    info.ssl_cert_filepath = settings_.tls_cert.c_str();
    info.ssl_private_key_filepath = settings_.tls_key.c_str();
  }
  context_ = lws_create_context(&info);
  if (context_ != nullptr) vhost_ = lws_get_vhost_by_name(context_, "default");
  if (vhost_ == nullptr) throw Error(Exit::environment, "the server cannot start: " + last_library_error);
}

void Server::listen() {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const std::string where = settings_.host + ":" + std::to_string(settings_.port);
  const int status =
      ::getaddrinfo(settings_.host.c_str(), std::to_string(settings_.port).c_str(), &hints, &found);
  if (status != 0)
    throw Error(Exit::environment, "cannot find " + settings_.host + ": " + ::gai_strerror(status));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);

  // A name may have several addresses, not all of which are there.
  int reason = 0;
  for (const addrinfo* one = found; one != nullptr && listen_fd_ < 0; one = one->ai_next) {
    listen_fd_ = ::socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    reason = errno;
    if (listen_fd_ < 0) continue;  // as without IPv6
    const int on = 1;
    ::setsockopt(listen_fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::setsockopt(listen_fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // accepted sockets inherit it
    if (::bind(listen_fd_, one->ai_addr, one->ai_addrlen) == 0 && ::listen(listen_fd_, SOMAXCONN) == 0) break;
    reason = errno;
    ::close(std::exchange(listen_fd_, -1));
    if (reason != EADDRNOTAVAIL) break;
  }
  if (listen_fd_ < 0) {
    throw Error(Exit::environment,
                "cannot listen on " + where + ": " + std::strerror(reason) +
                    (reason == EADDRINUSE ? " (--port N chooses another, --port 0 any)" : ""));
  }
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(listen_fd_, reinterpret_cast<sockaddr*>(&bound), &size);
  port_ = ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                                            : reinterpret_cast<const sockaddr_in&>(bound).sin_port);
}

void Server::say_where() {
  const bool bare_v6 = settings_.host.find(':') != std::string::npos;
  const std::string host = bare_v6 ? "[" + settings_.host + "]" : settings_.host;
  controls_open_ = is_loopback(host) || !settings_.token.empty();
  log_info("listening on " + std::string(settings_.tls_cert.empty() ? "http" : "https") + "://" + host + ":" +
           std::to_string(port_) + "/");
  if (!controls_open_) {
    log_warning("others can reach " + host +
                " and there is no token: controls are refused (--token, --token-file)");
  }
}

// The descriptor is the loop's from here on.
lws* Server::adopt(int fd) {
  lws_adopt_desc_t info{};
  info.vh = vhost_;
  info.type = LWS_ADOPT_RAW_FILE_DESC;
  info.fd.filefd = fd;
  info.vh_prot_name = descriptor_protocol;
  lws* wsi = fd < 0 ? nullptr : lws_adopt_descriptor_vhost_via_info(&info);
  if (wsi == nullptr) {
    if (fd >= 0) ::close(fd);
    throw Error(Exit::environment, "too few file descriptors (ulimit -n)");
  }
  return wsi;
}

void Server::start(Timer& timer, void (Server::*job)(), int64_t in_us) {
  timer.server = this;
  timer.job = job;
  const auto fire = [](lws_sorted_usec_list_t* sul) {
    Timer& due = *reinterpret_cast<Timer*>(sul);
    try {
      (due.server->*due.job)();
    } catch (const std::exception& error) {  // see on_connection()
      log_warning(error.what());
      due.server->start(due, due.job, retry_us);
    }
  };
  lws_sul_schedule(context_, 0, &timer.sul, fire, std::max<int64_t>(in_us, 1));
}

void Server::run() {
  while (phase_ != Phase::done && lws_service(context_, 0) >= 0) {
  }
  station_->finish_recording();
  station_->rethrow_input_error();
}

int Server::on_descriptor(lws* wsi, lws_callback_reasons reason, void*, void*, size_t) {
  auto* server = static_cast<Server*>(lws_context_user(lws_get_context(wsi)));
  try {
    return server->descriptor_event(wsi, reason);
  } catch (const std::exception& error) {  // see on_connection()
    log_warning(std::string("a connection was closed: ") + error.what());
    // The library's own wake-up comes here, too, and must stay.
    return wsi == server->listen_wsi_ || reason == LWS_CALLBACK_EVENT_WAIT_CANCELLED ? 0 : -1;
  }
}

int Server::descriptor_event(lws* wsi, lws_callback_reasons reason) {
  switch (reason) {
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
      if (station_) pace();
      return 0;
    case LWS_CALLBACK_RAW_RX_FILE:
      if (wsi == listen_wsi_) {
        accept_all();
      } else if (wsi == stop_wsi_) {
        begin_end("stopped");
        stop_wsi_ = nullptr;
        return -1;
      } else if (wsi == composer_wsi_) {
        if (!link_.on_readable([this](const json& message) { on_composer(message); })) return -1;
      }
      return 0;
    case LWS_CALLBACK_RAW_WRITEABLE_FILE:
      if (wsi == composer_wsi_) {
        if (!link_.on_writable()) return -1;
        if (link_.wants_to_write()) lws_callback_on_writable(wsi);
      }
      return 0;
    case LWS_CALLBACK_RAW_CLOSE_FILE:
      if (wsi == composer_wsi_) lose_composer();
      return 0;
    default:
      return 0;
  }
}

void Server::accept_all() {
  while (true) {
    const int fd = ::accept4(listen_fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      lws_sock_file_fd_type socket{};
      socket.sockfd = fd;
      lws_adopt_descriptor_vhost(vhost_,
                                 static_cast<lws_adoption_type>(LWS_ADOPT_SOCKET | LWS_ADOPT_ALLOW_SSL),
                                 socket, connection_protocol, nullptr);
    } else if (errno == EMFILE || errno == ENFILE) {
      // Turn one away, or it would keep the loop awake for ever.
      if (spare_fd_ >= 0) ::close(spare_fd_);
      const int turned_away = ::accept4(listen_fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (turned_away >= 0) ::close(turned_away);
      spare_fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
      return;
    } else if (errno != EINTR && errno != ECONNABORTED) {
      return;
    }
  }
}

void Server::pace() {
  if (phase_ != Phase::running && phase_ != Phase::fading) return;
  const bool pushed = station_->advance(now_us());
  if (station_->open() && !std::exchange(welcomed_, true)) {
    for (Connection* connection : listeners_)
      if (!connection->listener->joined) join(*connection);
  }
  if (pushed) {
    for (const Connection* connection : listeners_) lws_callback_on_writable(connection->wsi);
    observe_left(controlled_, control_latency_ms_);
    observe_left(composed_, end_to_end_latency_ms_);
  }
  if (station_->over()) {
    if (phase_ == Phase::fading) return drain();
    if (!settings_.hold) return begin_end("ended");
    return flush();  // and nothing is due any more
  }
  if (station_->open()) start(pace_, &Server::pace, station_->wake_us() - now_us());
}

void Server::begin_end(const std::string& reason) {
  if (phase_ != Phase::running) return;
  log_info(reason == "ended" ? "the input has ended" : "stopping");
  const bool fades = station_->playing() && (!listeners_.empty() || station_->records());
  const int64_t end_us = (fades ? fade_us : 0) + drain_us;
  const json message{
      {"type", "shutdown"}, {"reason", reason}, {"drain_s", static_cast<double>(end_us) / us_per_s}};
  broadcast([&message](const Listener&) { return message; });
  if (listen_wsi_ != nullptr)
    lws_set_timeout(std::exchange(listen_wsi_, nullptr), PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
  if (!fades) return drain();
  phase_ = Phase::fading;
  station_->end();
}

void Server::drain() {
  phase_ = Phase::draining;
  for (const Controls::Pending& pending : controls_.abandon())
    settle(pending, error_message("composer_unavailable", "the server ends", true));
  phase_ends_us_ = now_us() + drain_us;
  flush();
  go_on_ending();
}

void Server::flush() {
  try {
    if (station_->open()) station_->finish();
  } catch (const std::exception& error) {  // the end must come all the same
    log_warning(error.what());
  }
  for (const Connection* connection : listeners_) lws_callback_on_writable(connection->wsi);
}

// First every listener gets what it is owed, then its connection is closed, both for a limited time.
void Server::go_on_ending() {
  const auto late = [this] { return now_us() > phase_ends_us_; };
  if (phase_ == Phase::draining) {
    const bool drained =
        std::none_of(listeners_.begin(), listeners_.end(), [this](const Connection* connection) {
          return !connection->texts.empty() ||
                 (connection->listener->joined &&
                  station_->track(connection->listener->encoding).pending(connection->listener->cursor));
        });
    if (drained || late()) {
      phase_ = Phase::closing;
      phase_ends_us_ = std::max(phase_ends_us_, now_us() + closing_us);
      const std::vector<Connection*> leaving = listeners_;
      for (Connection* connection : leaving) close(*connection, going_away, "the server ends");
    }
  }
  const bool quiet = std::all_of(connections_.begin(), connections_.end(), [](const auto& entry) {
    const Connection& connection = *entry.second;
    const bool waits = connection.stage == Connection::Stage::answer && connection.out.empty();
    return waits || connection.stage == Connection::Stage::request ||
           connection.stage == Connection::Stage::body;
  });
  if (phase_ == Phase::closing && (quiet || late())) {
    phase_ = Phase::done;
    lws_cancel_service(context_);
    return;
  }
  start(end_, &Server::go_on_ending, 10 * us_per_ms);
}

void serve(const ServeSettings& settings, Feed::Open open, const std::function<json()>& presets) {
  Server server(settings, std::move(open), presets);
  const FigureReporter reporter(settings.session, "serve",
                                [&server] { return server.own_figures_snapshot(); });
  server.run();
}

}  // namespace auralis
