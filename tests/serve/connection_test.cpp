// SPDX-License-Identifier: MIT
#include "serve/connection.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "net/acceptor.h"
#include "serve/limits.h"
#include "temporary_folder.h"

namespace auralis {
namespace {

using namespace std::string_literals;
using nlohmann::json;

constexpr int64_t second = limits::us_per_s;
constexpr int patience_s = 20;  // nothing is waited for longer: then the test fails

constexpr const char* health = "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
constexpr const char* handshake =
    "GET /ws/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

LoopSettings loop_settings() {
  LoopSettings settings;
  settings.largest_write = limits::packet_bytes;
  settings.most_discarded = limits::discarded_bytes;
  return settings;
}

// After "100 Continue" its body is waited for.
constexpr const char* control_head =
    "POST /api/control HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";

// A server without sound, whose clock the test turns.
struct Rig {
  Rig() {
    StationSettings settings;
    settings.session = folder.path;
    settings.broadcast.feed.ends_by_owner = true;  // the end of one stops no other's reading
    stations.add(std::make_unique<Station>(
        loop, settings, [] { return nullptr; }, [](Station&) {}));
    make_api();
    thread = std::thread([this] { loop.run(); });
  }
  ~Rig() {
    in_loop([this] { loop.stop(); });
    thread.join();
    loop.release_handlers();
  }

  void make_api() {
    api.emplace(stations, Api::Parts{.access = access,
                                     .client = client_files,
                                     .private_stations = private_stations,
                                     .peers = peers,
                                     .list_presets = [this] { return presets; },
                                     .server_status = [] { return json::object(); },
                                     .reports = reports});
  }
  // Calls it in the loop's thread, and waits until it was called.
  void in_loop(std::function<void()> job) {
    std::packaged_task<void()> task(std::move(job));
    std::future<void> done = task.get_future();
    {
      const std::lock_guard lock(mutex);
      next = std::move(task);
    }
    loop.wake();
    done.get();
  }
  // As the server does four times a second, at a moment that is so far ahead.
  void tick(int64_t ahead_us) {
    in_loop([this, ahead_us] {
      const int64_t now_us = monotonic_us() + ahead_us;
      connections.tick(now_us);
      stations.first()->tick(now_us);
    });
  }
  bool is_quiet() {
    bool quiet = false;
    in_loop([&] { quiet = connections.are_quiet(); });
    return quiet;
  }
  void on_wake() {
    std::packaged_task<void()> task;
    {
      const std::lock_guard lock(mutex);
      task = std::exchange(next, {});
    }
    if (task.valid()) task();
  }

  test::TemporaryFolder folder;
  json presets = json::array();
  std::mutex mutex;
  std::packaged_task<void()> next;
  ClientFiles client_files{""};
  Connections connections;
  Loop loop{
      loop_settings(), [this] { on_wake(); },
      [this](Stream& stream) { return std::make_shared<Connection>(stream, *api, connections, false); }};
  Access access{AccessSettings()};
  Acceptor acceptor{loop, "127.0.0.1", 0};
  Stations stations;
  PrivateStations private_stations{stations, [](const StationPlan&) { return nullptr; }, 0, {}};
  PeerSessions peers{loop, {}};
  StationReports reports{stations, false};
  std::optional<Api> api;
  std::thread thread;
};

class Client {
 public:
  explicit Client(const Rig& rig) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval longest{.tv_sec = patience_s, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(rig.acceptor.port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void say(std::string_view bytes) const {
    REQUIRE(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  }
  // A frame of this kind, masked by zeros.
  void say_frame(char kind, std::string_view payload) const {
    REQUIRE(payload.size() < 126);
    say(std::string{static_cast<char>(0x80 | kind), static_cast<char>(0x80 | payload.size())} +
        std::string(4, '\0') + std::string(payload));
  }
  // Everything until this has come, and it.
  std::string until(std::string_view end) {
    std::string heard;
    while (!heard.ends_with(end)) {
      char byte = 0;
      REQUIRE(::recv(fd_, &byte, 1, 0) == 1);
      heard += byte;
    }
    return heard;
  }
  // A response, head and body.
  std::string response() {
    const std::string head = until("\r\n\r\n");
    const std::string name = "Content-Length: ";
    REQUIRE(head.find(name) != head.npos);
    std::string body(std::stoul(head.substr(head.find(name) + name.size())), ' ');
    REQUIRE(::recv(fd_, body.data(), body.size(), MSG_WAITALL) == static_cast<ssize_t>(body.size()));
    return head + body;
  }
  // Everything until the other end closes.
  std::string rest() {
    std::string heard;
    std::array<char, 65536> buffer;
    while (true) {
      const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), 0);
      REQUIRE(count >= 0);
      if (count == 0) return heard;
      heard.append(buffer.data(), static_cast<size_t>(count));
    }
  }
  bool hears_within(int ms) const {
    pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, ms) == 1;
  }

 private:
  int fd_;
};

// A listener of the WebSocket, past its handshake and a first message.
struct Listening : Client {
  explicit Listening(const Rig& rig) : Client(rig) {
    say(handshake);
    CHECK(until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
    say_frame(1, R"({"type": "ping", "client_timestamp": 7})");
    until("}");  // of the pong
  }
};

}  // namespace

TEST_CASE("Requests that come in one piece get their responses one after the other") {
  Rig rig;
  Client client(rig);
  client.say(health + "GET /none HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"s);
  const std::string heard = client.rest();
  const size_t first = heard.find("HTTP/1.1 503 ");
  const size_t second_response = heard.find("HTTP/1.1 404 ");
  CHECK(first == 0);
  CHECK((second_response != heard.npos && second_response > first));
}

TEST_CASE(
    "A request that is not whole in time is refused, where nothing has come the connection is just closed") {
  Rig rig;
  Client slow(rig);
  slow.say(control_head);
  slow.until("100 Continue\r\n\r\n");
  rig.tick(limits::request_us - second);
  CHECK_FALSE(slow.hears_within(0));
  rig.tick(limits::request_us);
  CHECK(slow.rest().starts_with("HTTP/1.1 408 "));

  Client idle(rig);
  idle.say(health);
  idle.response();
  do rig.tick(limits::request_us);
  while (!idle.hears_within(10));
  CHECK(idle.rest().empty());
}

TEST_CASE(
    "Once the server is ending, a request that has begun gets its response, which is the connection's last") {
  Rig rig;
  Client client(rig);
  client.say(control_head);
  client.until("100 Continue\r\n\r\n");
  rig.in_loop([&] { rig.connections.end(); });
  client.say("{}");
  const std::string heard = client.rest();
  CHECK(heard.starts_with("HTTP/1.1 "));
  CHECK(heard.find("Connection: close\r\n") != heard.npos);
}

TEST_CASE("No connection is quiet while its response is on its way") {
  Rig rig;
  constexpr size_t much = 32'000'000;  // more than the kernel holds
  rig.in_loop([&] {
    rig.presets.push_back({{"name", "long"}, {"description", std::string(much, 'x')}});
    rig.make_api();
  });
  Client client(rig);
  client.say("GET /api/presets HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  client.until("\r\n\r\n");
  CHECK_FALSE(rig.is_quiet());
  CHECK(client.rest().size() > much);
}

TEST_CASE("A listener that says nothing is sent a ping, and disconnected when no pong has come") {
  Rig rig;
  Listening listener(rig);
  rig.tick(limits::ping_after_us - second);
  CHECK_FALSE(listener.hears_within(0));
  rig.tick(limits::ping_after_us);
  CHECK(listener.until("\x89\x00"s) == "\x89\x00"s);
  rig.tick(limits::silent_us - second);
  CHECK(listener.until("\x89\x00"s) == "\x89\x00"s);
  rig.tick(limits::silent_us + second);
  CHECK(listener.rest().empty());
}

TEST_CASE("A close frame gets one back, and what comes behind it is not heard") {
  Rig rig;
  Listening listener(rig);
  listener.say_frame(8, "\x03\xe8");
  listener.say_frame(1, R"({"type": "ping"})");
  CHECK(listener.rest() == "\x88\x02\x03\xe8"s);
}

TEST_CASE(
    "A listener that sends more messages than the rate allows is closed with the reason, and hears nothing "
    "after it") {
  Rig rig;
  Listening listener(rig);
  for (int i = 0; i < 1000; ++i) listener.say_frame(1, R"({"type": "ping"})");
  const std::string heard = listener.until("too many messages");
  CHECK(heard.ends_with("\x88\x13\x03\xf0too many messages"));
  listener.say_frame(8, "\x03\xf0");
  CHECK(listener.rest().empty());
}

}  // namespace auralis
