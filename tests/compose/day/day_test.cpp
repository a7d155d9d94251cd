// SPDX-License-Identifier: MIT
#include "compose/day/day.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>

#include "compose/composed.h"
#include "compose/day/day_clock.h"
#include "compose/day/day_json.h"
#include "compose/day/day_yaml.h"
#include "compose/live/offline.h"
#include "refusal.h"

using namespace auralis;
using test::check_begins;

namespace {

Day day_of(const std::string& yaml) { return parse_schedule(yaml, "day.yaml"); }
std::string refusal(const std::string& yaml) {
  return test::refusal([&] { day_of(yaml); });
}

const std::string evening =
    "day:\n"
    "  - {name: wind-down, at: 22:30, intensity: 0.2, volume: -12, over: 30m}\n"
    "  - {name: night, at: \"23:30\", preset: sleep, key: D}\n"
    "  - name: wake-up\n"
    "    at: 7:00\n"
    "    preset: bright\n"
    "    intensity: [0.1, 0.6]\n"
    "    volume: [-30, 0]\n"
    "    over: 20m\n"
    "    layers: {lead: {on: false}}\n";

double at(int hour, int minute) { return hour * 3600.0 + minute * 60.0; }

// All that a player does until a moment: moments and controls.
std::vector<std::pair<double, Control>> until(DayPlayer& player, double moment, Control standing) {
  std::vector<std::pair<double, Control>> all;
  while (player.next() <= moment) {
    const double now = player.next();
    const Control set = player.take(now, standing);
    standing.merge(set);
    all.emplace_back(now, set);
    REQUIRE(all.size() < 100000);
  }
  return all;
}

Control standing_at(double intensity, double volume) {
  Control control;
  control[ControlId::intensity] = intensity;
  control[ControlId::volume] = volume;
  return control;
}

// Sets the time zone for as long as it lives.
class Zone {
 public:
  explicit Zone(const char* name) {
    if (const char* set = std::getenv("TZ")) before_ = set;
    ::setenv("TZ", name, 1);
    ::tzset();
  }
  ~Zone() {
    before_.empty() ? ::unsetenv("TZ") : ::setenv("TZ", before_.c_str(), 1);
    ::tzset();
  }

 private:
  std::string before_;
};

// By rule, so that no database of zones is needed.
constexpr const char* berlin = "CET-1CEST,M3.5.0,M10.5.0/3";

}  // namespace

TEST_CASE("A schedule is read with times, ranges, layers and names, there and back") {
  const Day day = day_of(evening);
  REQUIRE(day.size() == 3);
  CHECK(day[0].at_s == at(22, 30));
  CHECK(day[0].over_s == 1800.0);
  CHECK(*day[1].set.text(ControlId::preset) == "sleep");
  CHECK(*day[1].set.text(ControlId::key) == "D");
  CHECK(day[2].begins_at[static_cast<size_t>(ControlId::intensity)] == 0.1);
  CHECK(*day[2].set.number(ControlId::intensity) == 0.6);
  CHECK(day[2].set.layers.at("lead").on == false);
  CHECK(day_from_json(nlohmann::json(day_json(day)), "day") == day);
  CHECK(day_of("day:\n- {after: 1h30m, bpm: 50}\n")[0].at_s == 5400.0);
}

TEST_CASE("What is no schedule is refused with file, line and field") {
  check_begins(refusal("day: 5\n"), "day.yaml:1: day is \"5\", expected a list");
  check_begins(refusal("days: []\n"), "day.yaml:1: days is not known, did you mean day?");
  check_begins(refusal("day: []\n"), "day.yaml:1: a day without entries");
  check_begins(refusal("day:\n- {intensity: 0.2}\n"), "day.yaml:2: day[0]: no at and no after");
  check_begins(refusal("day:\n- {at: 22:30}\n"), "day.yaml:2: day[0]: an entry that sets nothing");
  check_begins(refusal("day:\n- at: 25:00\n  bpm: 50\n"),
               "day.yaml:2: day[0]: at is \"25:00\", expected a time of the day");
  check_begins(refusal("day:\n- at: 22:30\n  intensity: 2\n"),
               "day.yaml:3: day[0]: intensity is 2.0, expected a number from 0 to 1");
  check_begins(refusal("day:\n- at: 22:30\n  intensty: 1\n"),
               "day.yaml:3: day[0]: intensty is unknown, expected intensity");
  check_begins(refusal("day:\n- at: 22:30\n  volume: [-30, 0]\n"),
               "day.yaml:3: day[0]: volume goes from one number");
  check_begins(refusal("day:\n- at: 22:30\n  bpm: 50\n  over: 20\n"),
               "day.yaml:4: day[0]: over is \"20\", expected a time such as 20m");
  check_begins(refusal("day:\n- {at: 1:00, after: 5m, bpm: 50}\n"),
               "day.yaml:2: day[0]: at and after are both given");
}

TEST_CASE("Numbers go where they are to go in even steps, and arrive at the end of the time") {
  DayPlayer player(day_of(evening), at(22, 0), next_time_of_piece);
  player.beginning();
  const auto all = until(player, at(23, 15), standing_at(0.6, 0.0));
  CHECK(all.front().first == at(22, 30));
  CHECK(all.back().first == at(23, 0));
  CHECK(*all.back().second.number(ControlId::intensity) == 0.2);
  double before = 0.6;
  for (const auto& [moment, set] : all) {
    if (const double* intensity = set.number(ControlId::intensity)) {
      CHECK(*intensity <= before);
      CHECK(before - *intensity <= 0.0101);
      const double expected = 0.6 - 0.4 * (moment - at(22, 30)) / 1800.0;
      CHECK(std::abs(*intensity - expected) < 0.0101);
      before = *intensity;
    }
  }
}

TEST_CASE("Midnight is a time like any other, and the next day has the same times") {
  DayPlayer player(day_of("day:\n- {at: 0:00, bpm: 50}\n- {at: 23:59:59, bpm: 60}\n"), at(23, 0),
                   next_time_of_piece);
  player.beginning();
  const auto all = until(player, at(23, 0) + 2 * day_s, {});
  REQUIRE(all.size() == 4);
  CHECK(all[0].first == day_s - 1.0);
  CHECK(all[1].first == day_s);
  CHECK(all[2].first == 2 * day_s - 1.0);
  CHECK(*all[3].second.number(ControlId::bpm) == 50.0);
}

TEST_CASE(
    "A piece that begins in the night begins as the day has it then, and one in a crossing is on its way") {
  DayPlayer night(day_of(evening), at(3, 0), next_time_of_piece);
  const Control holds = night.beginning();
  CHECK(*holds.text(ControlId::preset) == "sleep");
  CHECK(*holds.number(ControlId::intensity) == 0.2);
  CHECK(*holds.number(ControlId::volume) == -12.0);
  CHECK(night.now().entry == "night");
  CHECK(night.now().next == "wake-up");
  CHECK(night.now().next_at == "7:00");

  DayPlayer waking(day_of(evening), at(7, 10), next_time_of_piece);
  const Control half = waking.beginning();
  CHECK(*half.text(ControlId::preset) == "bright");
  CHECK(std::abs(*half.number(ControlId::intensity) - 0.35) < 0.011);
  CHECK(*half.number(ControlId::volume) == -15.0);
  const auto rest = until(waking, at(7, 30), half);
  CHECK(rest.back().first == at(7, 20));
  CHECK(*rest.back().second.number(ControlId::volume) == 0.0);
}

TEST_CASE("Who sets what is under way keeps it, and the rest goes on") {
  DayPlayer player(day_of(evening), at(22, 0), next_time_of_piece);
  player.beginning();
  until(player, at(22, 40), standing_at(0.6, 0.0));
  Control hand;
  hand[ControlId::intensity] = 0.9;
  player.yield_to(hand);
  const auto all = until(player, at(23, 15), standing_at(0.9, -4.0));
  CHECK(!all.empty());
  for (const auto& [moment, set] : all) CHECK(set.number(ControlId::intensity) == nullptr);
  CHECK(*all.back().second.number(ControlId::volume) == -12.0);
}

TEST_CASE(
    "Times of the day follow the clocks: in spring an hour is left out, in autumn one comes twice and counts "
    "once") {
  const Zone zone(berlin);
  constexpr double spring = 1774738800.0;  // 2026-03-29 00:00 in Berlin; at 2:00 it becomes 3:00
  CHECK(next_time_of_wall(at(7, 0), spring) == spring + 6 * 3600.0);
  CHECK(next_time_of_wall(at(7, 0), spring + 6 * 3600.0) == spring + 30 * 3600.0 - 0.0);
  const double left_out = next_time_of_wall(at(2, 30), spring);
  CHECK(left_out >= spring + 2 * 3600.0 - 1800.0);
  CHECK(left_out <= spring + 3 * 3600.0);
  constexpr double autumn = 1792879200.0;  // 2026-10-25 00:00; at 3:00 it becomes 2:00
  const double first = next_time_of_wall(at(2, 30), autumn);
  CHECK(first == autumn + 2.5 * 3600.0);
  CHECK(next_time_of_wall(at(2, 30), first) == autumn + (25 + 2.5) * 3600.0);
  CHECK(next_time_of_wall(at(7, 0), autumn) == autumn + 8 * 3600.0);
}

TEST_CASE("A piece follows its schedule, and its controls alone give the same piece") {
  const Day day =
      day_of("day:\n- {after: 60s, intensity: 0.9, volume: -12, over: 30s}\n- {after: 2m, preset: sleep}\n");
  ComposeSettings settings = installed_settings(5);
  settings.duration_s = 240.0;
  DayPlayer player(day, 0.0, next_time_of_piece);
  player.beginning();
  std::vector<Event> scheduled;
  const auto collect = [](std::vector<Event>& into) {
    return [&into](std::vector<Event>& events, double) {
      into.insert(into.end(), events.begin(), events.end());
    };
  };
  Composer composer(load_preset("focus"), settings);
  compose_offline(composer, {}, &player, collect(scheduled));
  const auto controls = all_of<ControlEvent>(scheduled);
  REQUIRE(controls.size() > 20);
  CHECK(*composer.state().controls.text(ControlId::preset) == "sleep");
  CHECK(*composer.state().controls.number(ControlId::volume) == -12.0);

  ControlLog log;
  for (const ControlEvent& control : controls) log.controls.push_back({1, control.t, control.applied});
  std::vector<Event> replayed;
  Composer again(load_preset("focus"), settings);
  compose_offline(again, log, nullptr, collect(replayed));
  CHECK(lines(replayed) == lines(scheduled));
}

TEST_CASE("A cut piece is the endless one until its fade, and ends there") {
  for (const char* preset : {"focus", "bright"}) {
    ComposeSettings settings = installed_settings(5);
    std::vector<Event> endless;
    Composer(load_preset(preset), settings).compose_until(700.0, endless);
    settings.cut_s = 600.0;
    std::vector<Event> cut;
    Composer composer(load_preset(preset), settings);
    composer.compose_until(1e12, cut);
    CHECK(composer.ended());
    CHECK(std::get<EndEvent>(cut.back()).t == 600.0);
    size_t i = 0;
    for (; event_time(endless[i]) < 597.0; ++i) REQUIRE(to_line(cut[i]) == to_line(endless[i]));
    const auto* fade = std::get_if<ChangeEvent>(&cut[i]);
    REQUIRE(fade != nullptr);
    CHECK(fade->t == 597.0);
    CHECK(fade->t + fade->glide <= 600.0);
  }
}
