// SPDX-License-Identifier: MIT
// The composer is a value: what a snapshot in memory, a second listener or a tab that joins late stand on.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "compose/composed.h"

using namespace auralis;

namespace {

Control control_of(const char* json) { return parse_control(nlohmann::json::parse(json)); }

}  // namespace

TEST_CASE("A copy goes on with the same events as its original, also through controls") {
  for (const std::string& preset : preset_names()) {
    CAPTURE(preset);
    Composer original(load_preset(preset), installed_settings(8));
    std::vector<Event> before;
    original.apply(control_of(R"({"intensity":0.8,"layers":{"lead":{"on":true},"brush":{"on":true}}})"), 20.0,
                   before);
    original.compose_until(137.3, before);
    Composer copy = original;
    std::vector<Event> of_original, of_copy;
    for (auto [composer, events] : {std::pair(&original, &of_original), std::pair(&copy, &of_copy)}) {
      composer->compose_until(300.0, *events);
      composer->apply(control_of(R"({"key":"Eb","preset":"dunes"})"), 310.0, *events);
      composer->compose_until(600.0, *events);
      composer->finish(601.0, *events);
      composer->compose_until(1e9, *events);
    }
    CHECK(of_original.size() > 50);
    CHECK(lines(of_copy) == lines(of_original));
  }
}

TEST_CASE("What a copy does leaves its original as it was, and a composer can be set back to it") {
  Composer composer(load_preset("bright"), installed_settings(2));
  std::vector<Event> ignored, first, second;
  composer.compose_until(100.0, ignored);
  const Composer snapshot = composer;
  composer.compose_until(200.0, first);
  composer.apply(control_of(R"({"preset":"sleep"})"), 250.0, ignored);
  composer = snapshot;
  composer.compose_until(200.0, second);
  CHECK(first.size() > 20);
  CHECK(lines(second) == lines(first));
}
