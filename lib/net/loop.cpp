// SPDX-License-Identifier: MIT
#include "net/loop.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "net/loop_inside.h"

namespace auralis {
namespace {

constexpr int64_t retry_us = 100'000;  // of a timer whose job failed for want of memory or descriptors
constexpr const char* stream_protocol = "stream";
constexpr const char* descriptor_protocol = "descriptor";

// What libwebsockets logs is for its developers; the last error says why it would not start.
std::string last_library_error;
void on_library_log(int level, const char* line) {
  std::string text = line;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (level == LLL_ERR) last_library_error = text;
  log_detail(text);
}

void allow_descriptors(int64_t wanted) {
  // No more than are needed: the library has a table of them all.
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = std::min(files.rlim_max, static_cast<rlim_t>(wanted));
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

struct Watch::Inside {
  Loop::Inside& loop;
  Events events;
  lws* wsi = nullptr;  // nullptr: it is over

  static int on_event(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t length);
  static int handle(lws* wsi, lws_callback_reasons reason);
};

Loop::Loop(const LoopSettings& settings, std::function<void()> on_wake, NewStream on_stream)
    : inside_(std::make_unique<Inside>()) {
  inside_->settings = settings;
  inside_->on_wake = std::move(on_wake);
  inside_->on_stream = std::move(on_stream);
  allow_descriptors(settings.descriptors);
  lws_set_log_level(LLL_ERR | LLL_WARN, on_library_log);
  // Its loop, sockets and TLS are used, and bytes as they are: its own reading of HTTP and WebSockets responds to malformed
  // requests with a page of its own, closes without a word, or takes them. See request_head.h and web_socket.h.
  const auto add_protocol = [this, &settings](const char* name, lws_callback_function* callback) {
    lws_protocols protocol{};
    protocol.name = name;
    protocol.callback = callback;
    protocol.tx_packet_size = settings.largest_write;
    inside_->protocols.push_back(protocol);
  };
  // The first is asked about TLS, too.
  add_protocol(stream_protocol, StreamEvents::on_event);
  add_protocol(descriptor_protocol, Watch::Inside::on_event);
  inside_->protocols.push_back({});

  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
  info.protocols = inside_->protocols.data();
  info.user = inside_.get();
  info.gid = info.uid = static_cast<decltype(info.gid)>(-1);
  info.options = LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
  info.timeout_secs = static_cast<unsigned>(settings.handshake_s);
  info.alpn = "http/1.1";  // shared packets cannot carry the framing of HTTP/2
  if (!settings.tls_cert.empty()) {
    inside_->certificate.emplace(settings.tls_cert, settings.tls_key);  // which says better what is wrong
    info.ssl_cipher_list = tls_1_2_ciphers;
    info.ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_RENEGOTIATION;
    // A client that does not begin with a handshake of TLS gets a response that says so.
    info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT |
                    LWS_SERVER_OPTION_ALLOW_HTTP_ON_HTTPS_LISTENER;
    info.ssl_cert_filepath = inside_->settings.tls_cert.c_str();
    info.ssl_private_key_filepath = inside_->settings.tls_key.c_str();
  }
  inside_->context = lws_create_context(&info);
  if (inside_->context != nullptr) inside_->vhost = lws_get_vhost_by_name(inside_->context, "default");
  if (inside_->vhost == nullptr)
    throw Error(Exit::environment, "the server cannot start: " + last_library_error);
}

Loop::~Loop() {
  inside_->ending = true;
  if (inside_->context != nullptr) lws_context_destroy(inside_->context);
}

void Loop::run() {
  while (!inside_->stopped && lws_service(inside_->context, 0) >= 0) {
  }
}

void Loop::stop() {
  inside_->stopped = true;
  wake();
}

void Loop::wake() { lws_cancel_service(inside_->context); }

void Loop::add_stream(int fd) {
  lws_sock_file_fd_type socket{};
  socket.sockfd = fd;
  lws* wsi = lws_adopt_descriptor_vhost(
      inside_->vhost, static_cast<lws_adoption_type>(LWS_ADOPT_SOCKET | LWS_ADOPT_ALLOW_SSL), socket,
      stream_protocol, nullptr);
  if (wsi != nullptr) StreamEvents::stream_of(wsi);  // it counts from here on, not only after a handshake
}

void Loop::release_handlers() {
  inside_->ending = true;
  for (Stream* stream : inside_->streams) StreamEvents::release_handler(*stream);
}

void Loop::reload_certificate() {
  if (speaks_tls()) inside_->certificate = Certificate(inside_->settings.tls_cert, inside_->settings.tls_key);
}

bool Loop::is_certified(const std::string& name) const {
  return inside_->certificate && inside_->certificate->is_for(name);
}

bool Loop::speaks_tls() const { return !inside_->settings.tls_cert.empty(); }

Watch::Watch(Loop& loop, int fd, Events events)
    : inside_(std::make_shared<Inside>(Inside{loop.inside(), std::move(events)})) {
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  lws_adopt_desc_t info{};
  info.vh = loop.inside().vhost;
  info.type = LWS_ADOPT_RAW_FILE_DESC;
  info.fd.filefd = copy;
  info.vh_prot_name = descriptor_protocol;
  lws* wsi = copy < 0 ? nullptr : lws_adopt_descriptor_vhost_via_info(&info);
  if (wsi == nullptr) {
    if (copy >= 0) ::close(copy);
    throw Error(Exit::environment, "too few file descriptors (ulimit -n)");
  }
  inside_->wsi = wsi;
  lws_set_opaque_user_data(wsi, new std::shared_ptr<Inside>(inside_));
}

Watch::~Watch() {
  lws* wsi = std::exchange(inside_->wsi, nullptr);
  if (wsi != nullptr) lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

void Watch::want_writable() {
  if (inside_->wsi != nullptr) lws_callback_on_writable(inside_->wsi);
}

// The library's own timers are rounded down to milliseconds where it waits: it spins for the rest of the last one.
struct Timer::Inside {
  Inside(Loop& loop, std::function<void()> given)
      : job(std::move(given)), fd(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
    if (fd < 0) throw Error(Exit::environment, "too few file descriptors (ulimit -n)");
    watch.emplace(loop, fd, Watch::Events{[this] { fire(); }});
  }
  ~Inside() { ::close(fd); }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  void start(int64_t in_us) const {
    constexpr int64_t us_per_s = 1'000'000;
    const int64_t us = std::max<int64_t>(in_us, 1);  // 0 would stop it
    const itimerspec once{{}, {us / us_per_s, us % us_per_s * 1000}};
    ::timerfd_settime(fd, 0, &once, nullptr);
  }
  void fire() {
    uint64_t times = 0;
    if (::read(fd, &times, sizeof times) != sizeof times) return;  // it was started again meanwhile
    try {
      job();
    } catch (const std::exception& error) {
      log_warning(error.what());
      start(retry_us);
    }
  }

  std::function<void()> job;
  int fd;
  std::optional<Watch> watch;
};

Timer::Timer(Loop& loop, std::function<void()> job)
    : inside_(std::make_unique<Inside>(loop, std::move(job))) {}

Timer::~Timer() = default;

void Timer::start(int64_t in_us) { inside_->start(in_us); }

int Watch::Inside::on_event(lws* wsi, lws_callback_reasons reason, void*, void*, size_t) {
  try {
    return handle(wsi, reason);
  } catch (const std::exception& error) {  // nothing may be thrown through the library
    log_warning(error.what());
    return reason == LWS_CALLBACK_EVENT_WAIT_CANCELLED ? 0 : -1;  // the library's own wake-up must stay
  }
}

int Watch::Inside::handle(lws* wsi, lws_callback_reasons reason) {
  if (reason == LWS_CALLBACK_EVENT_WAIT_CANCELLED) {
    Loop::Inside& loop = inside_of(wsi);
    if (!loop.ending && loop.vhost != nullptr) loop.on_wake();
    return 0;
  }
  auto* held = static_cast<std::shared_ptr<Inside>*>(lws_get_opaque_user_data(wsi));
  if (held == nullptr) return 0;
  const std::shared_ptr<Inside> watch = *held;  // its owner may let go of it meanwhile
  if (reason == LWS_CALLBACK_RAW_CLOSE_FILE) {
    lws_set_opaque_user_data(wsi, nullptr);
    delete held;
    const bool by_the_other_end = std::exchange(watch->wsi, nullptr) != nullptr;
    if (by_the_other_end && !watch->loop.ending && watch->events.closed) watch->events.closed();
    return 0;
  }
  if (watch->wsi == nullptr) return -1;
  if (reason == LWS_CALLBACK_RAW_RX_FILE) watch->events.readable();
  if (reason == LWS_CALLBACK_RAW_WRITEABLE_FILE && watch->events.writable) watch->events.writable();
  return watch->wsi == nullptr ? -1 : 0;
}

}  // namespace auralis
