// SPDX-License-Identifier: MIT
#include "net/loop.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
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

// Says everything twice, to its end: "bye" finishes the connection, "out" hangs it up, "no" throws.
class Echo final : public StreamHandler {
 public:
  Echo(Stream& stream, int& alive) : stream_(stream), alive_(alive) { ++alive_; }
  ~Echo() override { --alive_; }

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
    if (leaves_) stream_.finish();
  }
  bool wants_bytes() const override { return out_.empty(); }

 private:
  Stream& stream_;
  int& alive_;
  std::string out_;
  bool leaves_ = false;
};

struct Rig {
  explicit Rig(LoopSettings settings = {})
      : loop(
            settings, [this] { ++wakes; },
            [this](Stream& stream) { return std::make_shared<Echo>(stream, alive); }),
        acceptor(loop, "127.0.0.1", 0) {}
  ~Rig() { loop.release_handlers(); }

  // Runs the loop while `client` is on another thread, and then until every connection is gone.
  template <typename Client>
  void against(const Client& client) {
    const int64_t patience_ends_us = monotonic_us() + 20'000 * ms;
    std::thread thread([&] {
      client();
      stopped = true;
      loop.wake();
    });
    Timer poll(loop, [&] {
      if (stopped && (alive == 0 || monotonic_us() > patience_ends_us)) return loop.stop();
      poll.start(ms);
    });
    poll.start(0);
    loop.run();
    thread.join();
  }
  int connect() const {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(acceptor.port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    return fd;
  }

  static LoopSettings settings() {
    LoopSettings settings;
    settings.most_discarded = 1000;
    settings.linger_s = 1;
    return settings;
  }

  int wakes = 0;
  int alive = 0;
  std::atomic<bool> stopped{false};
  Loop loop;
  Acceptor acceptor;
};

// All that comes until the other end closes; nullopt where that was a reset.
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

TEST_CASE(
    "What still comes after finish() is discarded, so much and so long, and costs the other end nothing") {
  Rig rig(Rig::settings());
  rig.against([&] {
    const int fd = rig.connect();
    say(fd, "bye");
    char first = 0;
    REQUIRE(::recv(fd, &first, 1, 0) == 1);
    say(fd, std::string(900, 'y'));
    CHECK(received(fd) == "yebye");
    const int64_t began = monotonic_us();
    // It does not close its side: the server does, after a second.
    while (::send(fd, "z", 1, MSG_NOSIGNAL) == 1 && monotonic_us() - began < 10'000 * ms) ::usleep(20'000);
    CHECK(monotonic_us() - began < 5'000 * ms);
    ::close(fd);
  });
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
  CHECK(rig.alive == 0);
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
  late.start(60 * ms);
  soon.start(5 * ms);
  fails.start(30 * ms);
  loop.run();
  CHECK(order == "abcb");
}

TEST_CASE("Another thread wakes the loop") {
  std::atomic<int> wakes = 0;
  Loop* awake = nullptr;
  Loop loop(
      LoopSettings(),
      [&] {
        if (++wakes == 3) awake->stop();
      },
      [](Stream&) { return nullptr; });
  awake = &loop;
  std::thread thread([&] {
    for (int i = 0; i < 1000 && wakes < 3; ++i) {
      loop.wake();
      ::usleep(1000);
    }
  });
  loop.run();
  thread.join();
  CHECK(wakes >= 3);
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
