// SPDX-License-Identifier: MIT
// What a live composer stands on: pacing, the control socket, the control log.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <list>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "base/io.h"
#include "compose/live/control_log.h"
#include "compose/live/control_socket.h"
#include "compose/live/pacer.h"
#include "refusal.h"
#include "temporary_folder.h"

using namespace auralis;
using test::refusal;
using test::TemporaryFolder;

namespace {

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.native().copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

class Peer {
 public:
  explicit Peer(const std::filesystem::path& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    const sockaddr_un address = address_of(path);
    REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  ~Peer() { ::close(fd_); }
  // As much as the connection takes at once; how much that was.
  size_t say(const std::string& text) const {
    return static_cast<size_t>(std::max<ssize_t>(0, ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL)));
  }
  // What has arrived by now; "<closed>" at the end of it where the other side hung up.
  std::string heard() const {
    std::string text;
    std::array<char, 4096> buffer;
    ssize_t count = 0;
    while ((count = ::read(fd_, buffer.data(), buffer.size())) > 0) {
      text.append(buffer.data(), static_cast<size_t>(count));
    }
    return count == 0 ? text + "<closed>" : text;
  }

 private:
  int fd_;
};

void serve(ControlSocket& socket) {
  socket.serve([] { return "hello\n"; },
               [](const std::string& line) { return ControlSocket::Answer{"answer to " + line + "\n"}; });
}

std::string socket_refusal(const std::filesystem::path& path) {
  return refusal([&] { const ControlSocket socket(path); }, Exit::environment);
}

}  // namespace

TEST_CASE("The horizon is the lookahead ahead of the last step of an even grid, and never goes back") {
  Pacer pacer(100.0, 0.040);
  CHECK(pacer.step_s() == 0.018);
  CHECK(pacer.horizon_s(100.0) == 0.040);
  CHECK(pacer.next_step_s() == 100.018);
  CHECK(pacer.horizon_s(100.0179) == 0.040);
  CHECK(pacer.horizon_s(100.0181) == 0.058);
  CHECK(pacer.horizon_s(100.0175) == 0.058);
  CHECK(pacer.horizon_s(100.0555) == 0.094);  // woken late, it is back on the grid at once
  CHECK(pacer.next_step_s() == 100.072);
  CHECK(pacer.slips() == 0);
}

TEST_CASE(
    "A step is at most 18 ms and at most half the lookahead, so a step that is woken late is still ahead") {
  CHECK(Pacer(0.0, 5.0).step_s() == 0.018);
  CHECK(Pacer(0.0, 0.036).step_s() == 0.018);
  CHECK(Pacer(0.0, 0.025).step_s() == 0.0125);
  CHECK(Pacer(0.0, 0.020).step_s() == 0.010);
}

TEST_CASE("A short delay is caught up, a long one shifts the clock without a burst and is counted") {
  Pacer pacer(0.0, 0.040);
  const double step_s = pacer.step_s();
  // Held up from the start: shifted, so that what follows is the lookahead ahead of what was promised, less a step.
  CHECK(pacer.horizon_s(1.0) == doctest::Approx(0.040));
  CHECK(pacer.slips() == 1);
  double now = 1.0;
  const auto moved_by = [&](double later_s) {
    const double before = pacer.horizon_s(now);
    now += later_s;
    return pacer.horizon_s(now) - before;
  };
  for (int step = 0; step < 100; ++step) CHECK(moved_by(step_s) == doctest::Approx(step_s).epsilon(1e-3));
  CHECK(moved_by(5 * step_s) == doctest::Approx(5 * step_s).epsilon(1e-3));
  CHECK(pacer.slips() == 1);
  CHECK(moved_by(30.0) <= 0.040 + 1e-6);
  CHECK(pacer.slips() == 2);
}

TEST_CASE("Every client is greeted, answered line by line and told what is broadcast") {
  const TemporaryFolder folder;
  ControlSocket socket(folder / "control.sock");
  const Peer one(folder / "control.sock");
  const Peer two(folder / "control.sock");
  serve(socket);
  CHECK(socket.clients() == 2);
  CHECK(one.heard() == "hello\n");
  CHECK(two.heard() == "hello\n");
  one.say("a\n\n  \nb");
  serve(socket);
  CHECK(one.heard() == "answer to a\n");
  one.say("c\n");
  serve(socket);
  CHECK(one.heard() == "answer to bc\n");
  CHECK(two.heard().empty());
  socket.broadcast("news\n");
  CHECK(one.heard() == "news\n");
  CHECK(two.heard() == "news\n");
}

TEST_CASE("A client that hangs up is forgotten") {
  const TemporaryFolder folder;
  ControlSocket socket(folder / "control.sock");
  { const Peer brief(folder / "control.sock"); }
  serve(socket);
  serve(socket);
  CHECK(socket.clients() == 0);
}

TEST_CASE("A client that sends an overlong line is told once, and heard again from its end on") {
  const TemporaryFolder folder;
  ControlSocket socket(folder / "control.sock");
  const Peer flood(folder / "control.sock");
  serve(socket);
  CHECK(flood.heard() == "hello\n");
  for (const size_t length :
       {ControlSocket::longest_line, ControlSocket::longest_line + 1, size_t{1'000'000}}) {
    CAPTURE(length);
    std::string answers;
    size_t said = 0;
    for (const std::string line = std::string(length, 'x') + "\nshort\n"; said < line.size();) {
      said += flood.say(line.substr(said));
      for (int turn = 0; turn < 100; ++turn) serve(socket);
      answers += flood.heard();
    }
    const std::string first = answers.substr(0, answers.find('\n'));
    if (length == ControlSocket::longest_line) {
      CHECK(first == "answer to " + std::string(length, 'x'));
    } else {
      CHECK(nlohmann::json::parse(first)["code"] == "line_too_long");
    }
    CHECK(answers.substr(first.size()) == "\nanswer to short\n");
  }
  CHECK(socket.clients() == 1);
}

TEST_CASE("A client that does not read is dropped once its buffer is full, and delays nobody") {
  const TemporaryFolder folder;
  ControlSocket socket(folder / "control.sock");
  const Peer deaf(folder / "control.sock");
  const Peer lively(folder / "control.sock");
  serve(socket);
  CHECK(lively.heard() == "hello\n");
  const std::string line = std::string(8191, 'y') + "\n";
  size_t heard = 0;
  for (int i = 0; i < 200; ++i) {
    socket.broadcast(line);
    heard += lively.heard().size();
    serve(socket);
  }
  CHECK(heard == 200 * line.size());
  CHECK(socket.clients() == 1);
}

TEST_CASE("More clients than the limit are turned away, and the others stay") {
  const TemporaryFolder folder;
  ControlSocket socket(folder / "control.sock");
  std::list<Peer> peers;
  for (size_t i = 0; i < ControlSocket::max_clients + 4; ++i) {
    peers.emplace_back(folder / "control.sock");
    serve(socket);
  }
  CHECK(socket.clients() == ControlSocket::max_clients);
  CHECK(peers.front().heard() == "hello\n");
  CHECK(peers.back().heard() == "<closed>");
}

TEST_CASE("A stale socket is replaced, a living one means already running, another file stays what it is") {
  const TemporaryFolder folder;
  const auto path = folder / "control.sock";
  const int left_behind = ::socket(AF_UNIX, SOCK_STREAM, 0);
  const sockaddr_un address = address_of(path);
  REQUIRE(::bind(left_behind, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  ::close(left_behind);
  REQUIRE(std::filesystem::exists(path));
  {
    ControlSocket socket(path);
    CHECK(socket_refusal(path).find("already running") != std::string::npos);
    const Peer peer(path);
    serve(socket);
    CHECK(peer.heard() == "hello\n");
  }
  CHECK_FALSE(std::filesystem::exists(path));
  write_file(path, "notes");
  CHECK(socket_refusal(path).find("is not a socket") != std::string::npos);
  CHECK(read_file(path) == "notes");
  CHECK_THROWS_AS(ControlSocket(folder / std::string(200, 'x')), Error);
}

TEST_CASE("A socket whose folder was removed is made anew, and its clients stay") {
  const TemporaryFolder folder;
  const auto path = folder / "session" / "control.sock";
  std::filesystem::create_directory(path.parent_path());
  ControlSocket socket(path);
  const Peer before(path);
  serve(socket);
  CHECK(socket.is_there());
  std::filesystem::remove_all(path.parent_path());
  CHECK_FALSE(socket.is_there());
  CHECK_THROWS_AS(socket.listen(), Error);
  std::filesystem::create_directory(path.parent_path());
  socket.listen();
  CHECK(socket.is_there());
  const Peer after(path);
  before.say("a\n");
  serve(socket);
  CHECK(before.heard() == "hello\nanswer to a\n");
  CHECK(after.heard() == "hello\n");
}

TEST_CASE("A control log reads back to what was recorded") {
  const TemporaryFolder folder;
  const std::string path = (folder / "log.jsonl").string();
  PieceOptions options;
  options.seed = 18446744073709551615u;
  options.preset = "focus";
  options.duration_s = 90.5;
  options.initial[ControlId::intensity] = 0.25;
  {
    ControlLogWriter writer(path, options);
    writer.control({1.25, parse_control({{"id", "a"}, {"bpm", 72.0}})});
    writer.control({1.25, parse_control({{"layers", {{"pad", {{"on", false}}}}}, {"key", "F#"}})});
    CHECK(read_control_log(path).controls.size() == 2);  // whole at any time
    writer.stop(60.000001, Ending::quick);
  }
  const ControlLog log = read_control_log(path);
  CHECK(log.options == options);
  REQUIRE(log.controls.size() == 2);
  CHECK(log.controls[0].t == 1.25);
  CHECK(log.controls[0].control.id == "a");
  CHECK(log.controls[0].control[ControlId::bpm] == ControlValue(72.0));
  CHECK(log.controls[1].control[ControlId::key] == ControlValue("F#"));
  CHECK(log.controls[1].control.layers.at("pad").on == false);
  CHECK(log.stop_s == 60.000001);
  CHECK(log.ending == Ending::quick);
  CHECK(log.takes == 1);
}

TEST_CASE("A control log that is removed while it grows, alone or with its folder, is made again, whole") {
  const TemporaryFolder folder;
  const std::filesystem::path logs = folder / "logs";
  std::filesystem::create_directory(logs);
  const std::string path = (logs / "log.jsonl").string();
  PieceOptions options;
  options.seed = 7;
  ControlLogWriter writer(path, options);
  const auto bpm_at = [](double t) { return ControlEvent{t, parse_control({{"bpm", 60.0 + t}})}; };
  writer.control(bpm_at(1.0));
  std::filesystem::remove(path);
  writer.control(bpm_at(2.0));
  std::filesystem::remove_all(logs);
  writer.control(bpm_at(3.0));
  writer.control(bpm_at(4.0));
  const ControlLog log = read_control_log(path);
  CHECK(log.options == options);
  CHECK(log.takes == 1);
  REQUIRE(log.controls.size() == 4);
  for (size_t i = 0; i < 4; ++i) CHECK(log.controls[i].t == static_cast<double>(i + 1));
}

TEST_CASE("A log goes on behind what is there, and the last take is the one that counts") {
  const TemporaryFolder folder;
  const std::string path = (folder / "log.jsonl").string();
  PieceOptions options;
  for (uint64_t take = 1; take <= 3; ++take) {
    options.seed = take;
    ControlLogWriter writer(path, options);
    writer.control({10.0 / static_cast<double>(take), parse_control({{"bpm", 60 + take}})});
    if (take == 2) writer.stop(20.0, Ending::musical);
  }
  const ControlLog log = read_control_log(path);
  CHECK(log.takes == 3);
  CHECK(log.options.seed == 3);
  REQUIRE(log.controls.size() == 1);
  CHECK(log.controls[0].line == 7);
  CHECK(log.controls[0].control[ControlId::bpm] == ControlValue(63.0));
  CHECK_FALSE(log.stop_s);

  // A line that was cut off stays alone.
  write_file(path, "{\"type\":\"opt");
  { const ControlLogWriter writer(path, options); }
  CHECK(read_file(path).starts_with("{\"type\":\"opt\n{\"type\":\"options\""));
}

TEST_CASE("A log whose disk is full ends in a whole line, and takes nothing more") {
  const TemporaryFolder folder;
  const std::string path = (folder / "log.jsonl").string();
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  ControlLogWriter writer(path, {});
  const size_t first = read_file(path).size();
  const rlimit small{first + 5, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  writer.control({1.0, parse_control({{"bpm", 72.0}})});
  ::setrlimit(RLIMIT_FSIZE, &before);
  writer.control({2.0, parse_control({{"bpm", 73.0}})});
  writer.stop(3.0, Ending::musical);
  CHECK(read_file(path).size() == first);
}

TEST_CASE("A control log that cannot be read is refused with its line") {
  const TemporaryFolder folder;
  const std::string path = (folder / "log.jsonl").string();
  const auto message = [&](const std::string& text) {
    write_file(path, "{\"type\":\"options\",\"seed\":\"7\"}\n" + text);
    const std::string whole = refusal([&] { read_control_log(path); });
    return whole.substr(std::min(whole.size(), path.size()));
  };
  CHECK(message("").empty());
  CHECK(message("nonsense") == ":2: not JSON, expected a line of a control log");
  CHECK(message("{\"type\":\"note\"}") == ":2: type is \"note\", expected options, control or stop");
  CHECK(message("{\"type\":\"control\",\"bpm\":60}") == ":2: no \"t\", expected the time in seconds");
  CHECK(message("{\"type\":\"control\",\"t\":1,\"bpm\":600}").rfind(":2: bpm is 600", 0) == 0);
  CHECK(message("{\"type\":\"control\",\"t\":2}\n{\"type\":\"stop\",\"t\":1}") ==
        ":3: t goes back, expected controls in order of time");
  CHECK(message("{\"type\":\"options\",\"seed\":\"x\"}").rfind(":2: seed is \"x\"", 0) == 0);
  CHECK(message("{\"type\":\"options\",\"preset\":3}").rfind(":2: not a line of a control log", 0) == 0);
}

TEST_CASE("What the command line leaves open is taken from the log") {
  PieceOptions mine;
  mine.seed = 1;
  PieceOptions theirs;
  theirs.seed = 2;
  theirs.initial[ControlId::mode] = "lydian";
  mine.complete(theirs);
  CHECK(mine.seed == 1);
  CHECK(mine.initial[ControlId::mode] == ControlValue("lydian"));
}
