// SPDX-License-Identifier: MIT
// With small programs in the place of composer and renderer: what is told of them is what they do.
#include "process/music.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"

using namespace auralis;

namespace {

struct Rig {
  Rig() {
    set_log("test", LogLevel::error);
    REQUIRE(::pipe2(sound.data(), O_CLOEXEC | O_NONBLOCK) == 0);
  }
  ~Rig() {
    ::close(sound[0]);
    ::close(sound[1]);
  }

  static Launch shell(const std::string& script) { return {"/bin/sh", {"-c", script}, SIGKILL, {}}; }

  Music start(const std::string& compose, const std::string& render) {
    BackoffSettings quick;
    quick.settled_s = 1e9;  // nothing settles
    quick.first_delay_s = 0.001;
    return Music({shell(compose), shell(render), quick}, sound[1], monotonic_s());
  }

  // As its owner does, until it is over.
  static int wait(Music& music) {
    std::vector<pollfd> waiting;
    while (!music.over()) {
      waiting.clear();
      music.add_to(waiting);
      ::poll(waiting.data(), waiting.size(), music.wake_s() ? 1 : 20'000);
      music.step(monotonic_s());
    }
    return music.status();
  }

  std::string heard() const {
    std::array<char, 4096> text;
    const ssize_t count = ::read(sound[0], text.data(), text.size());
    return count > 0 ? std::string(text.data(), static_cast<size_t>(count)) : std::string();
  }

  std::array<int, 2> sound{};
};

}  // namespace

TEST_CASE("What the composer writes the renderer reads, and what that writes is the sound") {
  Rig rig;
  Music music = rig.start("echo events", "sed s/events/sound/");
  CHECK(Rig::wait(music) == 0);
  CHECK(rig.heard() == "sound\n");
}

TEST_CASE("A composer that refuses ends it with its status, and so does what fails before it played") {
  Rig rig;
  for (const auto& [compose, render, status] : {std::tuple("exit 2", "cat", 2),
                                                {"exit 3", "cat", 3},
                                                {"exit 1", "cat", 1},
                                                {"exit 0", "exit 1", 1},
                                                {"exec sleep 100", "exit 4", 4},
                                                {"exit 5", "exec sleep 100", 5}}) {
    Music music = rig.start(compose, render);
    CHECK_MESSAGE(Rig::wait(music) == status, compose, " | ", render);
  }
}

TEST_CASE("Where one is killed the other is, and a new pair begins, until it is no use") {
  Rig rig;
  SUBCASE("the renderer") {
    Music music = rig.start("exec sleep 100", "echo begun; kill -KILL $$");
    CHECK(Rig::wait(music) == 1);
  }
  SUBCASE("the composer") {
    Music music = rig.start("kill -KILL $$", "echo begun; exec sleep 100");
    CHECK(Rig::wait(music) == 1);
  }
}

TEST_CASE("Its end comes when the composer has come to one") {
  Rig rig;
  Music music = rig.start("trap 'exit 0' INT; echo ready; while :; do sleep 0.01; done", "cat");
  pollfd ready{rig.sound[0], POLLIN, 0};
  REQUIRE(::poll(&ready, 1, 20'000) == 1);
  music.finish();
  CHECK(Rig::wait(music) == 0);
}

TEST_CASE("Killed, it is over, and nobody is left") {
  Rig rig;
  Music music = rig.start("exec sleep 100", "exec sleep 100");
  const pid_t renderer = music.renderer()->pid();
  music.kill();
  CHECK(music.over());
  CHECK(music.renderer() == nullptr);
  CHECK(::kill(renderer, 0) == -1);
  CHECK(errno == ESRCH);
}

TEST_CASE("A program that is not there is an error that names it") {
  Rig rig;
  CHECK_THROWS_WITH_AS(
      Music({{"/nonexistent/compose", {}, SIGKILL, {}}, Rig::shell("cat"), {}}, rig.sound[1], 0.0),
      "cannot start /nonexistent/compose: No such file or directory", Error);
}

TEST_CASE("A child that is held stands still until it may go on") {
  Rig rig;
  Child child(Rig::shell("exec sleep 100"), STDIN_FILENO, rig.sound[1]);
  CHECK(child.hold());
  CHECK(child.hold());
  child.go_on();
  CHECK_FALSE(child.outcome());
  child.send(SIGTERM);
  pollfd ended{child.fd(), POLLIN, 0};
  CHECK(::poll(&ended, 1, 20'000) == 1);
  REQUIRE(child.outcome());
  CHECK(child.outcome()->exit_status() == 128 + SIGTERM);
  CHECK_FALSE(child.hold());
}

TEST_CASE("A child inherits its three descriptors and no other") {
  Rig rig;
  const int kept = ::fcntl(STDERR_FILENO, F_DUPFD, 100);  // without CLOEXEC
  REQUIRE(kept >= 100);
  Child child(Rig::shell("exec ls /proc/self/fd"), STDIN_FILENO, rig.sound[1]);
  pollfd ended{child.fd(), POLLIN, 0};
  CHECK(::poll(&ended, 1, 20'000) == 1);
  CHECK(rig.heard() == "0\n1\n2\n3\n");  // the last is that of the folder itself
  ::close(kept);
}
