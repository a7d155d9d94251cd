// SPDX-License-Identifier: MIT
#include "net/loop.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "net/acceptor.h"
#include "net/stream.h"

namespace auralis {
namespace {

constexpr int64_t ms = 1000;
constexpr int patience_s = 20;  // no test waits longer for one thing: then it fails

// Stops a loop that what it waits for does not stop.
class Patience {
 public:
  explicit Patience(Loop& loop)
      : timer_(loop, [this, &loop] {
          over_ = true;
          loop.stop();
        }) {
    timer_.start(patience_s * 1000 * ms);
  }
  bool over() const { return over_; }

 private:
  bool over_ = false;
  Timer timer_;
};

struct Lives {
  int alive = 0;
  int64_t finished_us = 0;  // when finish() was called last
  int64_t ended_us = 0;     // when a handler was destroyed last
};

// Says everything twice, to its end: "bye" finishes the connection, "out" hangs it up, "no" throws.
class Echo final : public StreamHandler {
 public:
  Echo(Stream& stream, Lives& lives) : stream_(stream), lives_(lives) { ++lives_.alive; }
  ~Echo() override {
    --lives_.alive;
    lives_.ended_us = monotonic_us();
  }

  void on_bytes(std::string_view bytes) override {
    if (bytes.starts_with("no")) throw std::runtime_error("no");
    out_ += std::string(bytes) + std::string(bytes);
    leaves_ = bytes.starts_with("bye");
    if (bytes.starts_with("out")) stream_.hang_up();
    stream_.want_writable();
  }
  void on_writable() override {
    if (!out_.empty()) {
      stream_.write(out_);
      out_.clear();
      return stream_.want_writable();
    }
    if (!leaves_) return;
    lives_.finished_us = monotonic_us();
    stream_.finish();
  }
  bool wants_bytes() const override { return out_.empty(); }

 private:
  Stream& stream_;
  Lives& lives_;
  std::string out_;
  bool leaves_ = false;
};

struct Rig {
  explicit Rig(LoopSettings settings = {})
      : loop(
            settings, [] {}, [this](Stream& stream) { return std::make_shared<Echo>(stream, lives); }),
        acceptor(loop, "127.0.0.1", 0) {}
  ~Rig() { loop.release_handlers(); }

  // Runs the loop while `client` is on another thread, and then until every connection is gone.
  template <typename Client>
  void against(const Client& client) {
    std::exception_ptr failure;
    std::atomic<bool> left{false};
    std::thread thread([&] {
      try {
        client();
      } catch (...) {  // of REQUIRE too
        failure = std::current_exception();
      }
      left = true;
    });
    Timer poll(loop, [&] {
      if (left && lives.alive == 0) return loop.stop();
      poll.start(ms);
    });
    poll.start(0);
    const Patience patience(loop);
    loop.run();
    thread.join();
    if (failure) std::rethrow_exception(failure);
    CHECK_FALSE(patience.over());
  }
  // A socket that waits so long and no longer, as the loop does.
  int connect() const {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    const timeval longest{.tv_sec = patience_s, .tv_usec = 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof longest);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(acceptor.port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    return fd;
  }

  static LoopSettings settings(int linger_s = 1) {
    LoopSettings settings;
    settings.most_discarded = 1000;
    settings.linger_s = linger_s;
    return settings;
  }

  Lives lives;
  Loop loop;
  Acceptor acceptor;
};

// All that comes until the other end closes; nullopt where that was a reset, or nothing came for too long.
std::optional<std::string> received(int fd) {
  std::string all;
  std::array<char, 65536> buffer;
  while (true) {
    const ssize_t count = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (count < 0) return std::nullopt;
    if (count == 0) return all;
    all.append(buffer.data(), static_cast<size_t>(count));
  }
}

void say(int fd, const std::string& text) { ::send(fd, text.data(), text.size(), MSG_NOSIGNAL); }

// Says "bye" and waits until the other end has finished, without reading what it said. What is said earlier than that
// the handler still hears.
void take_leave(int fd) {
  say(fd, "bye");
  pollfd end{.fd = fd, .events = POLLRDHUP, .revents = 0};
  REQUIRE(::poll(&end, 1, patience_s * 1000) == 1);
}

}  // namespace

TEST_CASE("What is written arrives whole, and finish() lets it be read before the end") {
  Rig rig(Rig::settings());
  const std::string much(3'000'000, 'x');
  rig.against([&] {
    const int fd = rig.connect();
    say(fd, "bye");
    CHECK(received(fd) == "byebye");
    ::close(fd);
    const int other = rig.connect();
    std::thread sender([&] {
      say(other, much);
      ::shutdown(other, SHUT_WR);
    });
    const std::optional<std::string> back = received(other);
    sender.join();
    CHECK((back && back->size() == 2 * much.size()));
    ::close(other);
  });
}

TEST_CASE("What still comes after finish() is discarded for a while, and costs the other end nothing") {
  Rig rig(Rig::settings());
  int fd = -1;
  rig.against([&] {
    fd = rig.connect();
    take_leave(fd);
    say(fd, std::string(900, 'y'));
    CHECK(received(fd) == "byebye");
  });
  // It did not close its side: the server did, after a second.
  CHECK(rig.lives.ended_us - rig.lives.finished_us > 900 * ms);
  ::close(fd);
}

TEST_CASE("Who still sends more after finish() than is discarded is hung up on") {
  Rig rig(Rig::settings(10 * patience_s));
  int fd = -1;
  rig.against([&] {
    fd = rig.connect();
    take_leave(fd);
    say(fd, std::string(2000, 'y'));
  });
  ::close(fd);
}

TEST_CASE("A handler lives as long as its connection, and what it throws costs no more than that") {
  Rig rig(Rig::settings());
  rig.against([&] {
    const int calm = rig.connect();
    for (const char* last : {"no", "out"}) {
      const int fd = rig.connect();
      say(fd, last);
      received(fd);
      ::close(fd);
    }
    say(calm, "bye");
    CHECK(received(calm) == "byebye");
    ::close(calm);
  });
  CHECK(rig.lives.alive == 0);
}

TEST_CASE("Timers run in the order of their times, again when started again, and again when they fail") {
  Loop loop(
      LoopSettings(), [] {}, [](Stream&) { return nullptr; });
  std::string order;
  bool failed = false;
  Timer late(loop, [&] { order += "c"; });
  Timer soon(loop, [&] { order += "a"; });
  Timer fails(loop, [&] {
    order += "b";
    if (!std::exchange(failed, true)) throw std::runtime_error("not yet");
    loop.stop();
  });
  Timer never(loop, [&] { order += "x"; });
  {
    Timer gone(loop, [&] { order += "y"; });
    gone.start(ms);
  }
  // Anew where this thread had to wait between the calls.
  for (int64_t begun_us = 0; monotonic_us() - begun_us > 20 * ms;) {
    begun_us = monotonic_us();
    late.start(60 * ms);
    soon.start(5 * ms);
    fails.start(30 * ms);
  }
  const Patience patience(loop);
  loop.run();
  CHECK(order == "abcb");
}

TEST_CASE("Another thread wakes the loop, each time") {
  std::atomic<int> wakes = 0;
  std::atomic<bool> runs = true;
  Loop loop(
      LoopSettings(),
      [&] {
        ++wakes;
        wakes.notify_one();
      },
      [](Stream&) { return nullptr; });
  std::thread thread([&] {
    for (int past = wakes; runs && past < 100; past = wakes) {
      loop.wake();
      wakes.wait(past);
    }
  });
  Timer poll(loop, [&] {
    if (wakes >= 100) return loop.stop();
    poll.start(ms);
  });
  poll.start(0);
  const Patience patience(loop);
  loop.run();
  CHECK_FALSE(patience.over());
  runs = false;
  ++wakes;
  wakes.notify_one();
  thread.join();
}

TEST_CASE("A watch tells of what can be read and of the other end's close, and may end within its own call") {
  Loop loop(
      LoopSettings(), [] {}, [](Stream&) { return nullptr; });
  std::array<int, 2> pair{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) == 0);
  std::string events;
  std::optional<Watch> watch;
  Timer next(loop, [&] {
    events += "|";
    say(pair[1], "y");
    ::close(pair[1]);
  });
  watch.emplace(loop, pair[0],
                Watch::Events{[&] {
                                char byte = 0;
                                if (::recv(pair[0], &byte, 1, MSG_DONTWAIT) != 1) {  // the end
                                  watch.reset();
                                  return loop.stop();
                                }
                                events += byte;
                                if (byte == 'x') next.start(0);
                              },
                              {},
                              [&] {
                                watch.reset();
                                loop.stop();
                              }});
  say(pair[1], "x");
  const Patience patience(loop);
  loop.run();
  CHECK(events == "x|y");
  CHECK_FALSE(watch);
  ::close(pair[0]);
}

TEST_CASE("A port that is taken, and an address that is not ours, are the environment's failure") {
  Loop loop(
      LoopSettings(), [] {}, [](Stream&) { return nullptr; });
  const Acceptor first(loop, "127.0.0.1", 0);
  CHECK(first.port() > 0);
  CHECK_THROWS_AS(Acceptor(loop, "127.0.0.1", first.port()), Error);
  CHECK_THROWS_AS(Acceptor(loop, "192.0.2.1", 0), Error);
  CHECK_THROWS_AS(Acceptor(loop, "no such host", 0), Error);
}

}  // namespace auralis
