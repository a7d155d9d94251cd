// SPDX-License-Identifier: MIT
// The event loop of one thread: descriptors to watch, timers, wake-ups from other threads, and connections (stream.h).
// loop and stream are the only files that know libwebsockets, which brings the loop, the sockets and TLS.
//   threads   everything on the loop's, but wake()
//   errors    Error{environment} for a certificate that cannot be used, or where descriptors have run out. What a
//             callback throws is logged; a timer runs again a little later, a watch and a stream are closed
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

struct lws;

namespace auralis {

class Stream;
class StreamHandler;

struct LoopSettings {
  std::filesystem::path tls_cert;  // chain, PEM; empty: no TLS
  std::filesystem::path tls_key;
  int64_t descriptors = 4096;  // as many as may be open at once
  size_t largest_write = 0;    // a longer one costs several
  size_t most_discarded = 0;   // bytes of a stream that nobody wants, before it is closed
  int handshake_s = 10;        // for TLS
  int linger_s = 5;            // after finish(), for the other end to close
};

class Loop {
 public:
  using NewStream = std::function<std::shared_ptr<StreamHandler>(Stream&)>;

  // `on_wake` is called in the loop after each wake(), `on_stream` with each connection that was added.
  Loop(const LoopSettings& settings, std::function<void()> on_wake, NewStream on_stream);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();  // until stop()
  void stop();
  void wake();  // from any thread
  // The accepted socket is the loop's from here on.
  void add_stream(int fd);
  // Lets go of every stream's handler, so that the owners of what handlers use may be destroyed before the loop.
  void release_handlers();
  bool speaks_tls() const;
  // Reads certificate and key again, for the connections that come from now on. Error{environment} where they cannot be
  // used: those of before stay.
  void reload_certificate();
  // Whether the certificate is for that name.
  bool is_certified(const std::string& name) const;

  struct Inside;
  Inside& inside() { return *inside_; }

 private:
  std::unique_ptr<Inside> inside_;
};

// Calls `job` once after a while, each time it is started; starting it again moves it.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> job);
  ~Timer();
  void start(int64_t in_us);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

// Calls back when a descriptor is readable, and once after each want_writable() when it is writable. It watches a copy: the
// owner of the descriptor may close it at any time.
class Watch {
 public:
  struct Events {
    std::function<void()> readable;
    std::function<void()> writable = {};
    std::function<void()> closed = {};  // by the other end; not by the end of the watch
  };

  Watch(Loop& loop, int fd, Events events);
  ~Watch();
  void want_writable();

  struct Inside;

 private:
  std::shared_ptr<Inside> inside_;
};

}  // namespace auralis
