// SPDX-License-Identifier: MIT
#include "serve/controls.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "serve/composer_link.h"
#include "temporary_folder.h"

namespace auralis {
namespace {

using nlohmann::json;

Control control(const json& fields) { return parse_control(fields); }

json ack(const json& asked) { return {{"type", "control_ack"}, {"id", asked["id"]}, {"t", 1.0}}; }

}  // namespace

TEST_CASE("An answer finds who asked, once, whatever ids the askers chose") {
  Controls controls;
  int answered = 0;
  const auto by = [&answered](int who) {
    return [&answered, who](const ControlOutcome&) { answered = who; };
  };
  const json first = controls.ask(control({{"bpm", 50}, {"id", "x"}}), by(1), 0);
  const json second = controls.ask(control({{"bpm", 60}, {"id", "x"}}), by(2), 0);
  CHECK(first["id"] != second["id"]);
  CHECK(first["bpm"] == 50);
  const auto settled = controls.settle(ack(second));
  REQUIRE(settled);
  settled->reply(AppliedControl());
  CHECK(answered == 2);
  CHECK_FALSE(controls.settle(ack(second)));
  CHECK_FALSE(controls.settle({{"type", "control_ack"}}));
  CHECK_FALSE(controls.settle({{"type", "control_ack"}, {"id", 7}}));
}

TEST_CASE("Only what was acknowledged is wanted, later wishes over earlier ones") {
  Controls controls;
  CHECK_FALSE(controls.wanted_message());
  const json refused = controls.ask(control({{"mode", "dorian"}}), {}, 0);
  controls.settle({{"type", "error"}, {"id", refused["id"]}});
  CHECK_FALSE(controls.wanted_message());
  controls.settle(ack(controls.ask(control({{"bpm", 50}, {"key", "D"}}), {}, 0)));
  controls.settle(ack(controls.ask(control({{"bpm", 70}}), {}, 0)));
  json wanted = *controls.wanted_message();
  CHECK(wanted["bpm"] == 70);
  CHECK(wanted["key"] == "D");
  controls.settle(ack(controls.ask(control({{"preset", "sleep"}, {"intensity", 0.2}}), {}, 0)));
  wanted = *controls.wanted_message();
  CHECK(wanted["preset"] == "sleep");
  CHECK(wanted["intensity"] == 0.2);
  CHECK_FALSE(wanted.contains("bpm"));
}

TEST_CASE("What is not answered is given back, all at once or by age") {
  Controls controls;
  controls.ask(control({{"bpm", 50}}), {}, 0);
  controls.ask(control({{"bpm", 60}}), {}, 4'000'000);
  const auto late = controls.expire(5'000'000);
  REQUIRE(late.size() == 1);
  CHECK(late[0].control == control({{"bpm", 50}}));
  CHECK(controls.abandon().size() == 1);
  CHECK(controls.abandon().empty());
}

TEST_CASE("The link speaks JSON lines, survives rubbish, and notices when the other end goes") {
  const test::TemporaryFolder folder;
  const auto path = folder / "control.sock";
  ComposerLink link(path);
  CHECK_FALSE(link.try_connect());
  CHECK(link.next_try_ms() == 100);
  CHECK(link.next_try_ms() == 200);
  for (int i = 0; i < 10; ++i) link.next_try_ms();
  CHECK(link.next_try_ms() == 2000);
  CHECK_FALSE(link.send({{"a", 1}}));

  const int listening = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.native().copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(listening, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listening, 1) == 0);
  REQUIRE(link.try_connect());
  const int composer = ::accept(listening, nullptr, nullptr);
  CHECK(link.next_try_ms() == 100);

  CHECK(link.send({{"type", "control"}}));
  char buffer[64]{};
  CHECK(::read(composer, buffer, sizeof buffer) == 19);
  CHECK(std::string(buffer) == "{\"type\":\"control\"}\n");

  std::vector<json> heard;
  const auto listen = [&heard](const json& message, std::string_view) { heard.push_back(message); };
  const std::string lines = "{\"a\":1}\nrubbish\n[1]\n\n{\"b\":";
  REQUIRE(::write(composer, lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()));
  CHECK(link.on_readable(listen));
  REQUIRE(::write(composer, "2}\n", 3) == 3);
  CHECK(link.on_readable(listen));
  REQUIRE(heard.size() == 2);
  CHECK(heard[0]["a"] == 1);
  CHECK(heard[1]["b"] == 2);

  ::close(composer);
  CHECK_FALSE(link.on_readable(listen));
  link.hang_up();
  CHECK_FALSE(link.connected());
  ::close(listening);
}

}  // namespace auralis
