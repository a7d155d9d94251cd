// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <map>

#include "compose/composed.h"
#include "model/layer.h"

using namespace auralis;

namespace {

// The faders that a control moved, by layer.
std::map<std::string, double> trims(const std::vector<Event>& events, double t) {
  std::map<std::string, double> trims;
  for (const ChangeEvent& change : all_of<ChangeEvent>(events)) {
    if (change.t == t && change.param == std::variant<VoiceParam, MasterParam>(VoiceParam::trim_db))
      trims[change.layer] = change.value;
  }
  return trims;
}

}  // namespace

TEST_CASE("The station's level moves every layer at once, on top of its own, and outlasts presets") {
  Composer composer(load_preset("focus"), installed_settings());
  std::vector<Event> events;
  Control control;
  control[ControlId::volume] = -20.0;
  control.layers["pad"].gain_db = -3.0;
  composer.apply(control, 10, events);
  const auto moved = trims(events, 10.0);
  CHECK(moved.size() == layer_count);
  for (const auto& [layer, trim] : moved) CHECK(trim == (layer == "pad" ? -23.0 : -20.0));
  Control other;
  other[ControlId::preset] = "bright";
  composer.apply(other, 20, events);
  CHECK(*composer.state().controls.number(ControlId::volume) == -20.0);
  CHECK(trims(events, 20.0).empty());
  control = {};
  control[ControlId::volume] = -60.0;
  composer.apply(control, 40, events);
  for (const auto& [layer, trim] : trims(events, 40.0)) CHECK(trim == -60.0);
}
