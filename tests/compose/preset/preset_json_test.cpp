// SPDX-License-Identifier: MIT
#include "compose/preset/preset_json.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "compose/composed.h"
#include "refusal.h"

using namespace auralis;
using nlohmann::json;

namespace {

std::string complaint(const char* text) {
  return test::refusal([&] { preset_from_json(json::parse(text)); });
}

}  // namespace

TEST_CASE("Every preset comes back from JSON the same, and so do the tables of harmony") {
  for (const std::string& name : preset_names()) {
    CAPTURE(name);
    Preset preset = load_preset(name);
    preset.harmony.table = installed_harmony_tables().find(preset.mode)->second;
    preset.layer(Layer::lead).movement = {{VoiceParam::osc1_shape, Source::gusts, 0.7, 40.5, true},
                                          {VoiceParam::delay_send, Source::arc, 0.2, 0.0, false}};
    preset.midi.channels[3] = "pad";
    preset.midi.programs[128] = "brush";
    const std::string text = preset_json(preset).dump();
    CHECK(preset_from_json(json::parse(text)) == preset);
    CHECK(text.find("000001") == std::string::npos);  // no float in more digits than it has
  }
  const HarmonyTables& tables = installed_harmony_tables();
  CHECK(harmony_from_json(json::parse(harmony_json(tables).dump())) == tables);
}

TEST_CASE("A composer that is given JSON alone composes the same piece") {
  ComposeSettings settings;
  settings.seed = 11;
  settings.duration_s = 300;
  settings.harmony = harmony_from_json(json::parse(harmony_json(installed_harmony_tables()).dump()));
  Composer composer(preset_from_json(json::parse(preset_json(load_preset("aurora")).dump())), settings);
  std::vector<Event> events;
  composer.compose_until(1e9, events);
  CHECK(lines(events) == lines(compose(load_preset("aurora"), 11, 300)));
}

TEST_CASE("What is wrong in JSON is named with its field") {
  CHECK(complaint("[]") == "the preset is [], expected an object");
  CHECK(complaint(R"({"bpm":300})") == "bpm is 300, expected a number from 30 to 120");
  CHECK(complaint(R"({"harmony":{"chord_s":[60,30]}})") ==
        "harmony.chord_s is [60,30], expected the lower one first");
  CHECK(complaint(R"({"harmony":{"chrod_s":[1,2]}})") == "harmony.chrod_s is not known");
  CHECK(complaint(R"({"mode":"doriann"})") == "mode is \"doriann\", expected dorian (did you mean that?)");
  CHECK(complaint(R"({"layers":{"pad":{"sound":{"cutoff_hz":1}}}})") ==
        "layers.pad.sound.cutoff_hz is 1, expected a number from 20 to 20000");
  CHECK(complaint(R"({"layers":{"pad":{"movement":[{"param":"pan","source":"walk","depth":3}]}}})") ==
        "layers.pad.movement[0].depth is 3, expected -2 to 2");
  CHECK(complaint(R"({"layers":{"pads":{}}})").starts_with("layers.pads is not known, expected "));
  CHECK(complaint(R"({"midi":{"channels":{"17":"pad"}}})") ==
        "midi.channels is \"17\", expected a number from 1 to 16");
  CHECK(complaint(R"({"harmony":{"table":{"characteristic":4}}})").starts_with("harmony.table is {"));
}
