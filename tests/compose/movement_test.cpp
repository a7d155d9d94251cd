// SPDX-License-Identifier: MIT
// What a preset declares to move: by arcs in the composer's changes, by all else in the layers' patches.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "compose/composed.h"

using namespace auralis;

namespace {

using enum VoiceParam;

const std::vector<VoiceParam> moved{osc1_shape, detune_cents, fm_index, resonance,
                                    pan,        reverb_send,  attack_s};

// A preset of which nothing moves.
Preset still_preset(const std::string& name) {
  Preset preset = load_preset(name);
  for (LayerPlan& layer : preset.layers) layer.movement.clear();
  return preset;
}

// The pads move in seven ways by arcs of their own, and in two by what goes by itself.
Preset moving_preset() {
  Preset preset = still_preset("focus");
  preset.layer(Layer::pad).sound[fm_index] = 1.0F;
  Modulation& movement = preset.layer(Layer::pad).movement;
  for (const VoiceParam param : moved)
    movement.push_back({param, Source::arc, greatest_depth(param) / 10.0, 0.0, false});
  movement.push_back({cutoff_hz, Source::walk, 0.8, 45.0, true});
  movement.push_back({chorus_send, Source::pink, 0.3, 60.0, false});
  return preset;
}

// The course of a layer's parameters, by their changes: when, and to what.
using Course = std::map<double, double>;
std::map<VoiceParam, Course> courses(const std::vector<Event>& events, std::string_view layer) {
  std::map<VoiceParam, Course> found;
  for (const ChangeEvent& change : all_of<ChangeEvent>(events)) {
    const auto* param = std::get_if<VoiceParam>(&change.param);
    if (change.layer == layer && param != nullptr) found[*param][change.t] = change.value;
  }
  return found;
}

// Of two that change together, where they do.
double correlation(const Course& a, const Course& b) {
  std::vector<double> x, y;
  for (const auto& [t, value] : a) {
    if (!b.contains(t)) continue;
    x.push_back(value);
    y.push_back(b.at(t));
  }
  const auto mean = [](const std::vector<double>& of) {
    return std::accumulate(of.begin(), of.end(), 0.0) / static_cast<double>(of.size());
  };
  const double mean_x = mean(x), mean_y = mean(y);
  double xy = 0.0, xx = 0.0, yy = 0.0;
  for (size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean_x) * (y[i] - mean_y);
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
  }
  return xy / std::sqrt(xx * yy);
}

// Ten minutes of it, with a control at the fifth.
std::vector<Event> controlled(const Preset& preset, const Control& control,
                              const std::function<Preset(const std::string&)>& find_preset = still_preset) {
  ComposeSettings settings = installed_settings(5);
  settings.find_preset = find_preset;
  Composer composer(preset, settings);
  std::vector<Event> events;
  composer.apply(control, 300.0, events);
  composer.compose_until(600.0, events);
  return events;
}

}  // namespace

TEST_CASE(
    "The composer moves everything that a preset has arcs move, each by itself and over its whole depth") {
  const Preset preset = moving_preset();
  const auto found = courses(compose(preset, 1, 8 * 3600.0), "pad");
  for (const VoiceParam param : moved) {
    CAPTURE(voice_params[static_cast<size_t>(param)].name);
    REQUIRE(found.contains(param));
    const auto& course = found.at(param);
    CHECK(course.size() > 1000);
    double low = course.begin()->second, high = low;
    for (const auto& [t, value] : course) low = std::min(low, value), high = std::max(high, value);
    // An arc seldom reaches its ends: both of its swings would have to.
    const double span = depth_unit(param) == "octaves" ? std::log2(high / low) : high - low;
    CHECK(span > 1.5 * greatest_depth(param) / 10.0);
    CHECK(span < 2.01 * greatest_depth(param) / 10.0);
    for (const VoiceParam other : moved) {
      if (other != param) CHECK(std::abs(correlation(course, found.at(other))) < 0.5);
    }
  }
  CHECK(found.size() >= 6);
  CHECK_FALSE(found.contains(chorus_send));
}

TEST_CASE("All other routes go with the layer's patch, and the rest of the piece stays as it was") {
  const Preset preset = moving_preset();
  const std::vector<Event> events = compose(preset, 1, 600.0),
                           before = compose(still_preset("focus"), 1, 600.0);
  for (const PatchEvent& patch : all_of<PatchEvent>(events)) {
    CAPTURE(patch.layer);
    CHECK(patch.modulation ==
          (patch.layer == "pad" ? without_arcs(preset.layer(Layer::pad).movement) : Modulation{}));
    CHECK(patch.glide == 0.0);
  }
  CHECK(all_of<NoteEvent>(events).size() == all_of<NoteEvent>(before).size());
  CHECK(courses(events, "lead") == courses(before, "lead"));
}

TEST_CASE(
    "A cutoff that a route moves no longer follows the brightness arc; intensity and faders act on it all "
    "the same") {
  const Preset preset = moving_preset();
  CHECK_FALSE(courses(compose(preset, 1, 3600.0), "pad").contains(cutoff_hz));
  Control control;
  control[ControlId::intensity] = 0.9;
  control.layers["pad"].gain_db = -6.0;
  const auto found = courses(controlled(preset, control), "pad");
  REQUIRE(found.contains(cutoff_hz));
  CHECK(found.at(cutoff_hz).rbegin()->second >
        1.2 * static_cast<double>(preset.layer(Layer::pad).sound[cutoff_hz]));
  CHECK(found.at(trim_db).rbegin()->second == -6.0);
}

TEST_CASE("The piece's own arcs can move any parameter: what follows one arc goes together") {
  Preset preset = still_preset("focus");
  preset.layer(Layer::pad).movement = {{fm_index, Source::space_arc, 2.0, 0.0, false},
                                       {resonance, Source::space_arc, -0.2, 0.0, false},
                                       {sub_level, Source::density_arc, 0.3, 0.0, false}};
  preset.layer(Layer::pad).sound[fm_index] = 3.0F;
  preset.layer(Layer::pad).sound[resonance] = 0.5F;
  preset.layer(Layer::pad).sound[sub_level] = 0.5F;
  const auto found = courses(compose(preset, 1, 4 * 3600.0), "pad");
  CHECK(correlation(found.at(fm_index), found.at(resonance)) < -0.99);
  CHECK(std::abs(correlation(found.at(fm_index), found.at(sub_level))) < 0.6);
}

TEST_CASE("A hit's sound follows arcs where its preset says so") {
  Preset preset = still_preset("focus");
  preset.layer(Layer::low).movement = {{pitch_env_st, Source::arc, 5.0, 0.0, false}};
  CHECK(courses(compose(preset, 1, 3600.0), "low").contains(pitch_env_st));
  CHECK_FALSE(courses(compose(preset, 1, 3600.0), "brush").contains(pitch_env_st));
}

TEST_CASE("Another preset brings its routes with a patch that glides, where one of the two has some") {
  Control control;
  control[ControlId::preset] = "sleep";
  const std::vector<Event> events = controlled(moving_preset(), control);
  const auto changes = all_of<ChangeEvent>(events);
  int patches = 0;
  for (const PatchEvent& patch : all_of<PatchEvent>(events)) {
    if (patch.t < 1.0) continue;
    const auto other = std::find_if(changes.begin(), changes.end(), [&](const ChangeEvent& change) {
      return change.t == patch.t && change.layer == "lead";
    });
    REQUIRE(other != changes.end());
    ++patches;
    CHECK(patch.layer == "pad");
    CHECK(patch.modulation.empty());
    CHECK(patch.glide == other->glide);  // as the layers without routes do
    CHECK(patch.glide >= 1.0);
    CHECK(std::get<Patch>(patch.params)[attack_s] == still_preset("sleep").layer(Layer::pad).sound[attack_s]);
  }
  CHECK(patches == 1);
  // Where little changes, and no route, changes say it.
  const auto darker = [](const std::string&) {
    Preset preset = still_preset("focus");
    preset.layer(Layer::pad).sound[cutoff_hz] /= 2.0F;
    return preset;
  };
  for (const PatchEvent& patch : all_of<PatchEvent>(controlled(still_preset("focus"), control, darker)))
    CHECK(patch.t == 0.0);
}
