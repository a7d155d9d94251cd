// SPDX-License-Identifier: MIT
#include "serve/private_stations.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "base/session.h"
#include "serve/limits.h"
#include "serve/private_session.h"
#include "temporary_folder.h"

namespace auralis {
namespace {

using nlohmann::json;

constexpr int64_t minute = 60 * limits::us_per_s;
constexpr const char* here = "127.0.0.1";
constexpr const char* elsewhere = "203.0.113.7";

// Stations whose sound never begins.
struct Rig {
  Rig() { set_log("test", LogLevel::error); }

  std::shared_ptr<Station> make(const StationPlan& plan) {
    plans.push_back(plan);
    StationSettings settings;
    settings.name = plan.name;
    settings.key = plan.key;
    settings.session = folder.path / plan.session;
    settings.broadcast.feed.ends_by_owner = true;
    const Launch silent{"/bin/sleep", {"1000"}, SIGKILL, {}};
    return std::make_shared<Station>(
        loop, settings, std::make_unique<StationMusic>(loop, Music::Settings{silent, silent, {}}),
        [](Station&) {});
  }
  std::string begin(const char* address, int64_t now_us, const json& wish = json::object()) {
    const json presets{{{"name", "sleep"}}, {{"name", "focus"}}};
    auto begun = stations.begin(wish, presets, address, now_us);
    if (const auto* refusal = std::get_if<Refusal>(&begun))
      return std::to_string(refusal->status) + " " + refusal->code + " " + refusal->field;
    return std::get<std::shared_ptr<Station>>(begun)->address();
  }
  void tick(int64_t now_us) {
    stations.tick(now_us);
    all.tick(now_us);
  }

  test::TemporaryFolder folder;
  std::vector<StationPlan> plans;
  Loop loop{LoopSettings(), [] {}, [](Stream&) { return nullptr; }};
  Stations all;
  PrivateStations stations{all, [this](const StationPlan& plan) { return make(plan); }, 5,
                           [](const std::string& tuning) { return tuning == "just"; }};
};

}  // namespace

TEST_CASE("Each private station has a key of 128 bits that no other has") {
  Rig rig;
  std::set<std::string> keys;
  for (int i = 0; i < 5; ++i) keys.insert(rig.begin(here, 0));
  CHECK(keys.size() == 5);
  for (const std::string& key : keys) {
    CHECK(key.size() == 32);
    CHECK(key.find_first_not_of("0123456789abcdef") == std::string::npos);
  }
  for (const StationPlan& plan : rig.plans) {
    CHECK(plan.controls.who == ControlRule::Who::address);
    CHECK(plan.session.find(plan.key) == std::string::npos);
  }
  CHECK(rig.all.listed().empty());
}

TEST_CASE(
    "A private station ends a minute after it has lost its last listener, and its number is free again") {
  Rig rig;
  const std::string key = rig.begin(here, 0);
  rig.tick(minute / 2);
  CHECK(rig.all.place_of("/s/" + key + "/").station != nullptr);
  CHECK(rig.begin(here, minute / 2).size() == 32);
  rig.tick(minute);
  CHECK(rig.all.place_of("/s/" + key + "/").station == nullptr);
  rig.tick(minute + limits::us_per_s);
  rig.tick(minute + limits::us_per_s);
  CHECK(rig.stations.size() == 1);
  CHECK(rig.begin(here, minute + limits::us_per_s).size() == 32);
  CHECK(rig.plans.back().name == "private-1");
  CHECK(rig.plans.back().session != rig.plans.front().session);
}

TEST_CASE(
    "So many play at once, and fewer of an address elsewhere; who comes too late learns when to try again") {
  Rig rig;
  for (size_t i = 0; i < limits::private_stations_of_address; ++i)
    CHECK(rig.begin(elsewhere, 0).size() == 32);
  CHECK(rig.begin(elsewhere, 0) == "429 too_many_stations ");
  while (rig.stations.size() < 5) CHECK(rig.begin(here, 0).size() == 32);
  auto full = rig.stations.begin({}, {}, here, minute / 2);
  CHECK(std::get<Refusal>(full).status == 503);
  CHECK(std::get<Refusal>(full).retry_after_s == 30);
}

TEST_CASE("Who ends and begins stations again and again from elsewhere has to wait") {
  Rig rig;
  std::string answer;
  int begun = 0;
  for (; begun < 100; ++begun) {
    answer = rig.begin(elsewhere, limits::us_per_s);
    if (answer.size() != 32) break;
    rig.stations.end(*rig.all.place_of("/s/" + answer + "/").station, 0);
    rig.all.tick(minute);
    rig.stations.tick(0);
  }
  CHECK(answer == "429 too_many_stations ");
  CHECK(begun == static_cast<int>(limits::private_begins.burst));
}

TEST_CASE("Once the server ends no station begins any more") {
  Rig rig;
  rig.stations.close();
  CHECK(rig.begin(here, 0) == "503 shutting_down ");
  CHECK(rig.plans.empty());
}

TEST_CASE("Of sessions only what a private station left is swept away, and only where no server holds it") {
  const test::TemporaryFolder runtime;
  ::setenv("XDG_RUNTIME_DIR", runtime.path.c_str(), 1);
  const auto here = [](const std::string& name) { return session_path(name); };
  const PrivateSession held("private-1-1");
  open_session("private-2026");        // a composer's
  open_session("private-99999999-1");  // of a server that is no more
  std::ofstream(here("private-99999999-1") / "private.lock") << "";
  sweep_private_sessions();
  CHECK(std::filesystem::exists(held.path()));
  CHECK(std::filesystem::exists(here("private-2026")));
  CHECK_FALSE(std::filesystem::exists(here("private-99999999-1")));
  CHECK_THROWS_AS(PrivateSession("private-1-1"), Error);
}

TEST_CASE("The folder of a private session goes with it") {
  const test::TemporaryFolder runtime;
  ::setenv("XDG_RUNTIME_DIR", runtime.path.c_str(), 1);
  CHECK(std::filesystem::exists(PrivateSession("private-1-1").path()));
  CHECK_FALSE(std::filesystem::exists(session_path("private-1-1")));
}

TEST_CASE("A wish becomes options of the composer, and nothing else of it does") {
  Rig rig;
  CHECK(
      rig.begin(here, 0, {{"preset", "sleep"}, {"seed", "18446744073709551615"}, {"bpm", 70}, {"key", "Eb"}})
          .size() == 32);
  CHECK(rig.plans.back().piece ==
        std::vector<std::string>{"--seed=18446744073709551615", "--bpm=70", "--key=Eb", "--preset=sleep"});
  CHECK(rig.begin(here, 0, {{"seed", 7U}}).size() == 32);
  CHECK(rig.plans.back().piece == std::vector<std::string>{"--seed=7"});
  for (const auto& [wish, field] :
       std::vector<std::pair<json, std::string>>{{{{"preset", "/etc/passwd"}}, "preset"},
                                                 {{{"preset", "../sleep"}}, "preset"},
                                                 {{{"seed", "7 --help"}}, "seed"},
                                                 {{{"seed", -1}}, "seed"},
                                                 {{{"tuning", "nosuch"}}, "tuning"},
                                                 {{{"seed", ""}}, "seed"},
                                                 {{{"bpm", 500}}, "bpm"},
                                                 {{{"control-log", "/tmp/x"}}, "control-log"},
                                                 {{{"layers", {{"pad", {{"on", false}}}}}}, "layers"}}) {
    CAPTURE(wish.dump());
    CHECK(rig.begin(here, 0, wish) == "400 bad_control " + field);
  }
}

}  // namespace auralis
