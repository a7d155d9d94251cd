// SPDX-License-Identifier: MIT
// The engine through its C interface.
#include "engine/auralis.h"

#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compose/midi/midi_file.h"
#include "compose/preset/harmony_tables.h"
#include "compose/preset/preset_files.h"
#include "compose/preset/preset_json.h"
#include "model/control.h"
#include "model/event_history.h"
#include "model/event_stream.h"

using namespace auralis;
using nlohmann::json;

namespace {

struct Freed {
  void operator()(auralis_engine* engine) const { auralis_free(engine); }
};
using EnginePtr = std::unique_ptr<auralis_engine, Freed>;

json piece(const char* preset, double seconds) {
  json whole{{"preset", preset_json(load_preset(preset))},
             {"presets", json::array({preset_json(load_preset("sleep"))})},
             {"harmony", harmony_json(installed_harmony_tables())},
             {"seed", "11"}};
  if (seconds > 0.0) whole["duration_s"] = seconds;
  return whole;
}

EnginePtr composing(const json& what) { return EnginePtr(auralis_compose(what.dump().c_str())); }

// In blocks of uneven sizes, as far as it goes or `most` frames.
std::vector<float> heard(auralis_engine* engine, size_t most, int block = 1000) {
  std::vector<float> all;
  std::vector<float> stereo(2 * static_cast<size_t>(block));
  while (all.size() < 2 * most) {
    const int wanted = std::min(block, static_cast<int>(most - all.size() / 2));
    const int frames = auralis_pull(engine, stereo.data(), wanted);
    if (frames <= 0) break;
    all.insert(all.end(), stereo.begin(), stereo.begin() + 2 * frames);
  }
  return all;
}

constexpr size_t second = 44100;

// Of each 10 ms from a sample on, in dB, not below −80.
std::vector<double> levels(const std::vector<float>& stereo, size_t from) {
  constexpr size_t samples = 2 * second / 100;
  std::vector<double> all;
  for (size_t n = from; n + samples <= stereo.size(); n += samples) {
    double power = 1e-8;
    for (size_t i = 0; i < samples; ++i)
      power += static_cast<double>(stereo[n + i]) * stereo[n + i] / samples;
    all.push_back(10.0 * std::log10(power));
  }
  return all;
}

}  // namespace

TEST_CASE(
    "A piece is exactly as long as it says, and its samples do not depend on the blocks they are pulled in") {
  const EnginePtr one = composing(piece("bright", 8));
  const EnginePtr other = composing(piece("bright", 8));
  REQUIRE(one);
  const std::vector<float> whole = heard(one.get(), 20 * second, 4096);
  CHECK(whole.size() == 2 * 8 * second);
  CHECK(whole == heard(other.get(), 20 * second, 331));
  CHECK(auralis_state(one.get()) > 0);
  CHECK(json::parse(auralis_text()).at("finished") == true);
}

TEST_CASE("Who follows the events of an engine that composes makes the same samples") {
  const EnginePtr leader = composing(piece("focus", 6));
  const std::vector<float> lead = heard(leader.get(), 10 * second);
  REQUIRE(auralis_events(leader.get()) > 0);
  const std::string lines = auralis_text();
  const EnginePtr follower(auralis_follow(44100));
  for (size_t at = 0; at < lines.size(); at += 777) {
    const auto size = static_cast<int>(std::min<size_t>(777, lines.size() - at));
    REQUIRE(auralis_push(follower.get(), lines.data() + at, size) == 0);
  }
  CHECK(heard(follower.get(), 10 * second) == lead);
}

TEST_CASE("Who joins a piece in its middle is in step with who followed it from its beginning") {
  // Without the layers whose notes sound on from before: those go on in another phase.
  json what = piece("bright", 0);
  for (const char* layer : {"drone", "texture", "pad"}) what["controls"]["layers"][layer]["on"] = false;
  const EnginePtr leader = composing(what);
  const std::vector<float> lead = heard(leader.get(), 102 * second);
  auralis_events(leader.get());
  EventHistory history(newcomer_window_s);
  EventReader reader("lines");
  reader.feed(auralis_text(), [&](Event&& event) { history.push(event); });
  const double from_s = history.newest_s() - newcomer_window_s;
  const EnginePtr joined(auralis_join(44100, from_s));
  REQUIRE(joined);
  auralis_state(joined.get());
  const auto first = json::parse(auralis_text()).at("position").get<int64_t>();
  CHECK(first <= static_cast<int64_t>(from_s * second));
  CHECK(first > static_cast<int64_t>(from_s * second) - 64);
  const std::string lines = history.lines();
  REQUIRE(auralis_push(joined.get(), lines.data(), static_cast<int>(lines.size())) == 0);
  const std::vector<float> made = heard(joined.get(), 60 * second);
  REQUIRE(made.size() > 2 * 19 * second);
  // What was heard before is struck anew, and effects turn their own way, so that the waves are others: the levels are not.
  const std::vector<double> own = levels(made, 2 * second);
  const std::vector<double> others = levels(lead, 2 * (static_cast<size_t>(first) + second));
  const auto apart_db = [&](int lag) {
    double sum = 0.0;
    for (size_t i = 0; i < 1600; ++i)
      sum += std::abs(own.at(i + 100) - others.at(static_cast<size_t>(static_cast<int>(i) + 100 + lag)));
    return sum / 1600;
  };
  CHECK(apart_db(0) < 0.2);
  for (const int lag : {-2, -1, 1, 2}) CHECK(apart_db(lag) > 3.0 * apart_db(0));
  CHECK(auralis_join(44100, -1.0) == nullptr);
  CHECK(auralis_join(44100, std::nan("")) == nullptr);
}

TEST_CASE("A snapshot goes on with the same samples, and an engine can be taken back to it") {
  const EnginePtr engine = composing(piece("bright", 0));
  heard(engine.get(), 3 * second + 17);
  const EnginePtr snapshot(auralis_snapshot(engine.get()));
  REQUIRE(snapshot);
  const std::vector<float> first = heard(engine.get(), 2 * second);
  CHECK(auralis_control(engine.get(), R"({"preset": "sleep"})") == 0);
  CHECK(heard(engine.get(), second).size() == 2 * second);
  REQUIRE(auralis_restore(engine.get(), snapshot.get()) == 0);
  CHECK(heard(engine.get(), 2 * second) == first);
  CHECK(heard(snapshot.get(), 2 * second, 64) == first);
}

TEST_CASE(
    "A control is applied, told in the state and heard; a wrong one names its field and changes nothing") {
  const EnginePtr engine = composing(piece("focus", 0));
  const EnginePtr other = composing(piece("focus", 0));
  heard(engine.get(), second);
  heard(other.get(), second);
  REQUIRE(auralis_control(engine.get(), R"({"intensity": 0.9, "key": "A"})") == 0);
  CHECK(json::parse(auralis_text()) == json{{"intensity", 0.9}, {"key", "A"}});
  auralis_state(engine.get());
  CHECK(json::parse(auralis_text()).at("key") == "A");
  CHECK(heard(engine.get(), 2 * second) != heard(other.get(), 2 * second));

  CHECK(auralis_control(other.get(), R"({"bpm": 500})") == -1);
  CHECK(json::parse(auralis_text()).at("field") == "bpm");
  CHECK(auralis_control(other.get(), R"({"preset": "no-such"})") == -1);
  CHECK(json::parse(auralis_text()).at("field") == "preset");
  CHECK(auralis_control(other.get(), "nonsense") == -1);
}

TEST_CASE("A piece that is told to end comes to an end when it says") {
  const EnginePtr engine = composing(piece("focus", 0));
  heard(engine.get(), 2 * second);
  const double end_s = auralis_finish(engine.get());
  CHECK(end_s > 2.0);
  CHECK(end_s < 12.0);
  const size_t rest = heard(engine.get(), 60 * second).size() / 2;
  CHECK(static_cast<double>(rest + 2 * second) == doctest::Approx(end_s * second).epsilon(1e-5));
}

TEST_CASE("What cannot be an engine is refused with a reason") {
  const auto refused = [](const json& what) {
    const EnginePtr none = composing(what);
    return none ? std::string() : std::string(auralis_text());
  };
  json no_preset = piece("focus", 5);
  no_preset.erase("preset");
  CHECK(refused(no_preset).find("preset") != std::string::npos);
  json bad_seed = piece("focus", 5);
  bad_seed["seed"] = "seven";
  CHECK(refused(bad_seed).find("expected a whole number") != std::string::npos);
  json bad_length = piece("focus", 5);
  bad_length["duration_s"] = -1;
  CHECK(refused(bad_length).find("duration_s") != std::string::npos);
  CHECK(auralis_compose("nonsense") == nullptr);
  const EnginePtr follower(auralis_follow(44100));
  CHECK(auralis_push(follower.get(), "{}\n", 3) == -1);
  CHECK(auralis_control(follower.get(), R"({"bpm": 60})") == -1);
  CHECK(auralis_finish(follower.get()) == -1.0);
  CHECK(auralis_follow(3) == nullptr);
}

TEST_CASE("The control table is the one that every door has") {
  REQUIRE(auralis_controls() > 0);
  CHECK(nlohmann::ordered_json::parse(auralis_text()) == control_table_json());
}

TEST_CASE("Its events are a MIDI file with every note, and a line that is wrong says where") {
  const EnginePtr engine = composing(piece("bright", 8));
  heard(engine.get(), 20 * second);
  REQUIRE(auralis_events(engine.get()) > 0);
  const std::string lines(auralis_text(), static_cast<size_t>(auralis_text_size()));
  const int size = auralis_midi(lines.data(), static_cast<int>(lines.size()));
  REQUIRE(size > 100);
  CHECK(size == auralis_text_size());
  const MidiSong song = read_midi({auralis_text(), static_cast<size_t>(size)}, "piece");
  size_t notes = 0;
  for (size_t at = lines.find("\"type\":\"note\""); at != std::string::npos;
       at = lines.find("\"type\":\"note\"", at + 1))
    ++notes;
  CHECK(song.notes.size() == notes);
  CHECK(auralis_midi("{\"type\":\"start\",\"auralis\":1}\nno\n", 31) == -1);
  CHECK(std::string(auralis_text()).find("<events>:2") != std::string::npos);
}
