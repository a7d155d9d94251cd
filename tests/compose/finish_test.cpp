// SPDX-License-Identifier: MIT
// A piece that is asked to end.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "compose/composed.h"
#include "model/layer.h"

using namespace auralis;

TEST_CASE(
    "Asked to finish, a piece ends on its tonic within seconds, released and faded; never later than it "
    "would have") {
  for (const std::string& preset : preset_names()) {
    CAPTURE(preset);
    ComposeSettings settings = installed_settings(4);
    Composer composer(load_preset(preset), settings);
    std::vector<Event> events;
    const double end = composer.finish(77.7, events);
    CHECK(end > 77.7);
    CHECK(end < 77.7 + 20);
    composer.compose_until(1e9, events);
    REQUIRE(std::holds_alternative<EndEvent>(events.back()));
    CHECK(std::get<EndEvent>(events.back()).t == end);
    for (const SoundedNote& note : sounded_notes(events)) CHECK(note.end < end - 1.0);
    const std::string degree = all_of<ChordEvent>(events).back().degree;
    CHECK(degree.find_first_not_of("iI°") == std::string::npos);
  }
  ComposeSettings settings = installed_settings();
  settings.duration_s = 60;
  Composer composer(load_preset("focus"), settings);
  std::vector<Event> events;
  CHECK(composer.finish(55, events) == 60.0);
}

TEST_CASE("Asked to finish quickly, a piece fades from there on and is over in two seconds") {
  for (const std::string& preset : preset_names()) {
    CAPTURE(preset);
    Composer composer(load_preset(preset), installed_settings(4));
    std::vector<Event> events;
    const double end = composer.finish(77.7, events, Ending::quick);
    CHECK(end == doctest::Approx(79.7));
    composer.compose_until(1e9, events);
    REQUIRE(std::holds_alternative<EndEvent>(events.back()));
    CHECK(std::get<EndEvent>(events.back()).t == end);
    const std::vector<ChangeEvent> changes = all_of<ChangeEvent>(events);
    const auto fade = std::find_if(changes.begin(), changes.end(), [](const ChangeEvent& change) {
      return change.layer == master_layer && change.t >= 77.7 &&
             change.param == std::variant<VoiceParam, MasterParam>(MasterParam::gain_db);
    });
    REQUIRE(fade != changes.end());
    CHECK(fade->t == 77.7);
    CHECK(fade->glide > 1.9);
  }
}
