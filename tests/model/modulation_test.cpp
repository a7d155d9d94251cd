// SPDX-License-Identifier: MIT
// Routes of modulation: what may move what, and how events and presets write it.
#include "model/modulation.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/event_stream.h"
#include "model/limits.h"
#include "model/modulation_json.h"
#include "model/rng.h"
#include "refusal.h"

using namespace auralis;
using nlohmann::json;

namespace {

std::vector<Event> read(const std::string& line) {
  std::vector<Event> events;
  EventReader reader("piece.jsonl");
  reader.feed(to_line(StartEvent{"1", "test", "D", "dorian"}) + line + "\n",
              [&](Event&& event) { events.push_back(std::move(event)); });
  return events;
}

std::string patch_line(const std::string& modulation) {
  return R"({"type":"patch","t":0,"layer":"pad","params":{},"modulation":)" + modulation + "}";
}

std::string stream_refusal(const std::string& modulation) {
  return test::refusal([&] { read(patch_line(modulation)); });
}

std::string preset_refusal(const std::string& modulation) {
  return test::refusal(
      [&] { modulation_from_json(json::parse(modulation), "layers.pad.movement", RoutesOf::preset); });
}

// Every parameter by every source, with either own: those that may be, and how many may not.
Modulation every_route(int& refused) {
  Modulation all;
  Rng rng(3, "routes");
  for (size_t p = 0; p < voice_param_count; ++p) {
    for (size_t s = 0; s < source_count; ++s) {
      for (const bool own : {false, true}) {
        const auto param = static_cast<VoiceParam>(p);
        const Route route{param, static_cast<Source>(s), rng.uniform(-1.0, 1.0) * greatest_depth(param),
                          rng.uniform(Route::periods_s.low, Route::periods_s.high), own};
        if (route_fault(route)) {
          ++refused;
        } else {
          all.push_back(settled(route));
        }
      }
    }
  }
  return all;
}

}  // namespace

TEST_CASE("Every parameter but a listener's fader can be moved, and the sends by the layer's sources alone") {
  int refused = 0;
  const Modulation all = every_route(refused);
  CHECK(refused > 0);
  for (size_t p = 0; p < voice_param_count; ++p) {
    const auto param = static_cast<VoiceParam>(p);
    CAPTURE(voice_params[p].name);
    bool by_layer = false, by_voice = false;
    for (const Route& route : all) {
      if (route.param == param && !is_arc(route)) (is_own(route) ? by_voice : by_layer) = true;
    }
    CHECK(by_layer == (param != VoiceParam::trim_db));
    CHECK(by_voice == !belongs_to_layer(param));
    CHECK(greatest_depth(param) > 0.0);
  }
  CHECK(greatest_depth(VoiceParam::cutoff_hz) == 10.0);
  CHECK(depth_unit(VoiceParam::cutoff_hz) == "octaves");
  CHECK(greatest_depth(VoiceParam::gain_db) == 72.0);
  CHECK(depth_unit(VoiceParam::gain_db) == "decibels");
}

TEST_CASE("Any route reads back as it was written, from a stream and from a preset") {
  int refused = 0;
  for (const Route& route : every_route(refused)) {
    const json written = json::parse(modulation_json({route}).dump());
    CHECK(modulation_from_json(written, "movement", RoutesOf::preset) == Modulation{route});
    if (is_arc(route)) continue;
    const std::string line = to_line(PatchEvent{0.0, "pad", builtin_patch("pad"), {route}, 2.5});
    const auto events = read(line.substr(0, line.size() - 1));
    const auto& patch = std::get<PatchEvent>(events[1]);
    CHECK(patch.modulation == Modulation{route});
    CHECK(patch.glide == 2.5);
    CHECK(to_line(patch) == line);
  }
}

TEST_CASE("A patch without routes is written as before there were any") {
  const std::string line = to_line(PatchEvent{0.0, "pad", builtin_patch("pad")});
  CHECK(line.find("modulation") == std::string::npos);
  CHECK(line.find("glide") == std::string::npos);
  CHECK(std::get<PatchEvent>(read(patch_line("[]"))[1]).modulation.empty());
}

TEST_CASE("A route may be short: thirty seconds, of the whole layer") {
  const Modulation read_back =
      std::get<PatchEvent>(read(patch_line(R"([{"param":"pan","source":"walk","depth":-0.5}])"))[1])
          .modulation;
  REQUIRE(read_back.size() == 1);
  CHECK(read_back[0] == Route{VoiceParam::pan, Source::walk, -0.5, 30.0, false});
}

TEST_CASE("A stream's reader passes over what a later version may bring, and refuses what is wrong") {
  const char* later =
      R"([{"param":"warmth","source":"walk","depth":1e9},{"param":"pan","source":"tide","depth":1},)"
      R"({"param":"pan","source":"walk","depth":0.5,"curve":"soft"}])";
  CHECK(std::get<PatchEvent>(read(patch_line(later))[1]).modulation.size() == 1);

  const std::pair<const char*, const char*> mistakes[] = {
      {"3", "modulation is 3, expected a list of routes"},
      {"[3]", "modulation[0] is 3, expected {param, source, depth}"},
      {R"([{"source":"walk","depth":1}])", "modulation[0] has no param, which a route needs"},
      {R"([{"param":"pan","source":"walk"}])", "modulation[0] has no depth, which a route needs"},
      {R"([{"param":"pan","source":4,"depth":1}])", "modulation[0].source is 4, expected a name"},
      {R"([{"param":"cutoff_hz","source":"walk","depth":11}])",
       "modulation[0].depth is 11, expected -10 to 10 octaves"},
      {R"([{"param":"pan","source":"walk","depth":1,"period_s":0.1}])",
       "modulation[0].period_s is 0.1, expected 0.25 to 3600 seconds"},
      {R"([{"param":"pan","source":"walk","depth":1,"own":"yes"}])",
       "modulation[0].own is \"yes\", expected true or false"},
      {R"([{"param":"reverb_send","source":"velocity","depth":1}])",
       "modulation[0].source is wrong: reverb_send is the whole layer's, expected a source other than "
       "velocity"},
      {R"([{"param":"reverb_send","source":"walk","depth":1,"own":true}])",
       "modulation[0].own is wrong: reverb_send is the whole layer's, expected own: false"},
      {R"([{"param":"trim_db","source":"walk","depth":1}])",
       "modulation[0].param is wrong: trim_db is a listener's fader, expected gain_db or another parameter"},
      {R"([{"param":"attack_s","source":"amp_env","depth":1}])",
       "modulation[0].source is wrong: attack_s is taken at a note's onset, expected a source other than "
       "amp_env"},
      {R"([{"param":"pan","source":"space_arc","depth":1}])",
       "modulation[0].source is \"space_arc\", expected no arc: those are changes of the composer's"}};
  for (const auto& [routes, expected] : mistakes)
    CHECK(stream_refusal(routes) == "piece.jsonl:2: " + std::string(expected));
}

TEST_CASE("A preset's reader names what it does not know, and the nearest that it does") {
  CHECK(preset_refusal(R"([{"param":"cutof_hz","source":"walk","depth":1}])") ==
        "layers.pad.movement[0].param is \"cutof_hz\", expected cutoff_hz");
  CHECK(preset_refusal(R"([{"param":"pan","source":"wakl","depth":1}])") ==
        "layers.pad.movement[0].source is \"wakl\", expected walk");
  CHECK(preset_refusal(R"([{"param":"pan","source":"walk","depth":1,"period":4}])") ==
        "layers.pad.movement[0].period is not known, expected period_s");
  CHECK(preset_refusal(R"([{"param":"pan","source":"arc","depth":1}])").empty());
}

TEST_CASE("A layer has at most sixteen routes") {
  CHECK(limits::routes == 16);
  std::string routes;
  for (int i = 0; i < 17; ++i) {
    if (i > 0) routes += ",";
    routes += R"({"param":"pan","source":"walk","depth":0.1})";
    CHECK(stream_refusal("[" + routes + "]") ==
          (i < 16 ? "" : "piece.jsonl:2: modulation has 17 routes, expected at most 16"));
  }
}
