// SPDX-License-Identifier: MIT
#include "serve/event_feed.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace auralis {
namespace {

constexpr int64_t period_us = 100'000;

// A composer that advances ten times a second, and what each lane was told since it began.
struct Told {
  EventFeed feed{[](double t_s, double) { return static_cast<int64_t>(t_s * 1000.0); }};
  std::map<size_t, std::string> lines;
  std::map<size_t, int> messages;
  int64_t now_us = 0;
  int notes = 0;

  std::vector<EventMessage> say(const std::string& type, const std::string& rest) {
    std::vector<EventMessage> came = feed.on_line(type, R"({"type":")" + type + '"' + rest + "}", now_us);
    for (const EventMessage& message : came) {
      ++messages[message.lane];
      lines[message.lane] += message.packet->message();
    }
    return came;
  }
  std::vector<EventMessage> start() {
    say("start", R"(,"auralis":1,"seed":"7")");
    return advance();
  }
  void note() {
    const std::string t = std::to_string(static_cast<double>(now_us) / 1e6);
    say("note", R"(,"t":)" + t + R"(,"id":)" + std::to_string(++notes) +
                    R"(,"layer":"drone","pitch":38,"vel":0.5,"dur":9,"pan":0)");
  }
  std::vector<EventMessage> advance() {
    now_us += period_us;
    return say("advance", R"(,"t":)" + std::to_string(static_cast<double>(now_us) / 1e6));
  }
};

int count(const std::string& text, const std::string& what) {
  int found = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("Each lane is told every event once, in turns, and how far they go only where its message ends") {
  Told told;
  CHECK(told.start().size() == event_lanes);
  told.messages.clear();
  told.lines.clear();
  for (size_t i = 0; i < 6 * event_lanes; ++i) {
    told.note();
    CHECK(told.advance().size() == 1);
  }
  for (size_t lane = 0; lane < event_lanes; ++lane) {
    CHECK(told.messages[lane] == 6);
    CHECK(count(told.lines[lane], "advance") == 6);
    CHECK(count(told.lines[lane], "clock") == 0);
    const int last =
        told.notes - static_cast<int>((told.feed.newest_lane() + event_lanes - lane) % event_lanes);
    for (int note = 1; note <= last; ++note)
      CHECK(count(told.lines[lane], "\"id\":" + std::to_string(note) + ",") == 1);
  }
}

TEST_CASE("Who begins with the snapshot is told in the newest lane what is not in it, and nothing twice") {
  for (int advances = 0; advances < 7; ++advances) {
    CAPTURE(advances);
    Told told;
    told.start();
    for (int i = 0; i < advances; ++i) {
      told.note();
      told.advance();
    }
    told.note();  // after the last advance: not in the snapshot
    const std::string snapshot(told.feed.snapshot()->message());
    const size_t lane = told.feed.newest_lane();
    told.lines.clear();
    told.messages.clear();
    told.advance();
    while (told.messages[lane] == 0) {
      told.note();
      told.advance();
    }
    const std::string all = snapshot + told.lines[lane];
    for (int note = 1; note <= told.notes; ++note)
      CHECK(count(all, "\"id\":" + std::to_string(note) + ",") == 1);
  }
}

TEST_CASE("A control, a new piece and the end are told to all at once") {
  Told told;
  told.start();
  told.advance();
  told.say("control", R"(,"t":0.2,"intensity":0.9)");
  CHECK(told.advance().size() == event_lanes);
  CHECK(told.advance().size() == 1);
  CHECK(told.start().size() == event_lanes);
  for (const auto& [lane, lines] : told.lines) CHECK(count(lines, "clock") == 2);
  CHECK(told.say("end", R"(,"t":1.5)").size() == event_lanes);
}

TEST_CASE("Of a composer that advances once a second every lane is told each time") {
  Told told;
  told.start();
  for (int i = 0; i < 3; ++i) {
    told.now_us += 9 * period_us;
    CHECK(told.advance().size() == event_lanes);
  }
}

}  // namespace auralis
