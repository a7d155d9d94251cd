// SPDX-License-Identifier: MIT
// What lies between presets, and a piece that is moved there.
#include <doctest/doctest.h>

#include <cmath>

#include "compose/composed.h"
#include "compose/preset/preset_mix.h"
#include "model/units.h"

using namespace auralis;

namespace {

Preset of(std::initializer_list<std::pair<const Preset*, double>> shares) {
  std::vector<MixPart> parts;
  for (const auto& [preset, share] : shares) parts.push_back({preset, share});
  return mixed(parts);
}

constexpr double at_s = 200.0;

Control mix(const Mix& shares) {
  Control control;
  control[ControlId::mix] = shares;
  return control;
}

struct Moved {
  Composer composer;
  std::vector<Event> events;

  explicit Moved(const std::string& preset) : composer(load_preset(preset), installed_settings(3)) {
    composer.compose_until(at_s, events);
    events.clear();
  }
  void move(const Mix& shares, double t_s) { composer.apply(mix(shares), t_s, events); }
};

}  // namespace

TEST_CASE("A mix of one preset is that preset") {
  const Preset bright = load_preset("bright");
  CHECK(of({{&bright, 0.4}}) == bright);
}

TEST_CASE(
    "Half way between two presets numbers are half way, as their curves go, and words are of the larger "
    "share") {
  const Preset bright = load_preset("bright");
  const Preset sleep = load_preset("sleep");
  const Preset between = of({{&bright, 0.5}, {&sleep, 0.5}});
  CHECK(between.bpm == doctest::Approx((bright.bpm + sleep.bpm) / 2));
  CHECK(between.harmony.chord_s.low ==
        doctest::Approx((bright.harmony.chord_s.low + sleep.harmony.chord_s.low) / 2));
  const auto reverb_s = [](const Preset& p) {
    return static_cast<double>(p.master[MasterParam::reverb_time_s]);
  };
  CHECK(reverb_s(between) == doctest::Approx(std::sqrt(reverb_s(bright) * reverb_s(sleep))).epsilon(1e-4));
  CHECK(of({{&bright, 0.5}, {&sleep, 0.5}}).name == "bright");
  CHECK(of({{&bright, 0.4}, {&sleep, 0.6}}).name == "sleep");
  CHECK(of({{&bright, 0.4}, {&sleep, 0.6}}).mode == sleep.mode);
}

TEST_CASE("A layer that one preset alone uses is as loud as the share of that preset") {
  Preset with = load_preset("bright");
  Preset without = load_preset("sleep");
  with.layer(Layer::bells).on = true;
  without.layer(Layer::bells).on = false;
  const LayerPlan bells = of({{&with, 0.25}, {&without, 0.75}}).layer(Layer::bells);
  CHECK(bells.on);
  const auto level_db = [](const LayerPlan& plan) {
    return static_cast<double>(plan.sound[VoiceParam::gain_db]);
  };
  CHECK(level_db(bells) == doctest::Approx(level_db(with.layer(Layer::bells)) + power_to_db(0.25)));
  CHECK(bells.sound[VoiceParam::attack_s] == with.layer(Layer::bells).sound[VoiceParam::attack_s]);
}

TEST_CASE("Between any two presets there is one that can be played") {
  const std::vector<std::string> names{"bright", "sleep", "focus", "glass", "cathedral", "organ", "deep-sea"};
  for (const std::string& a : names) {
    for (const std::string& b : names) {
      const Preset first = load_preset(a);
      const Preset second = load_preset(b);
      for (const double share : {0.1, 0.5, 0.9}) {
        const auto fault = preset_fault(of({{&first, share}, {&second, 1.0 - share}}));
        CHECK_MESSAGE(!fault, a, " ", b, " ", share);
      }
    }
  }
}

TEST_CASE("Around the same preset a mix moves the sounds and leaves the harmony") {
  Moved alone("bright");
  alone.composer.compose_until(at_s + 3.0, alone.events);
  Moved moved("bright");
  moved.move({{"bright", 0.7}, {"sleep", 0.3}}, at_s);
  moved.composer.compose_until(at_s + 3.0, moved.events);
  CHECK(all_of<ChordEvent>(moved.events).size() == all_of<ChordEvent>(alone.events).size());
  CHECK(all_of<PatchEvent>(moved.events).size() + all_of<ChangeEvent>(moved.events).size() > 8);
  const Control& state = moved.composer.state().controls;
  CHECK(*state.text(ControlId::preset) == "bright");
  CHECK(*state.mix() == Mix{{"bright", 0.7}, {"sleep", 0.3}});
}

TEST_CASE("Past the middle the other preset's key and mode come, and what a listener had moved stays moved") {
  Moved moved("bright");
  Control faster;
  faster[ControlId::bpm] = load_preset("bright").bpm + 5.0;
  moved.composer.apply(faster, at_s, moved.events);
  moved.move({{"bright", 0.2}, {"sleep", 0.8}}, at_s + 1.0);
  moved.composer.compose_until(at_s + 3.0, moved.events);
  const Preset sleep = load_preset("sleep");
  CHECK(all_of<ChordEvent>(moved.events).back().mode == sleep.mode);
  moved.move({{"bright", 0.0}, {"sleep", 1.0}}, at_s + 4.0);
  CHECK(*moved.composer.state().controls.text(ControlId::key) == sleep.key);
  moved.composer.compose_until(at_s + 20.0, moved.events);
  CHECK(*moved.composer.state().controls.number(ControlId::bpm) == doctest::Approx(sleep.bpm + 5.0));
}

TEST_CASE("A preset that is chosen ends a mix") {
  Moved moved("bright");
  moved.move({{"bright", 0.6}, {"sleep", 0.4}}, at_s);
  Control preset;
  preset[ControlId::preset] = "focus";
  moved.composer.apply(preset, at_s + 1.0, moved.events);
  CHECK(*moved.composer.state().controls.mix() == Mix{{"focus", 1.0}});
}

TEST_CASE("A piece begins with a mix, and is the same whenever it is made") {
  ComposeSettings settings = installed_settings(3);
  settings.initial = mix({{"bright", 0.3}, {"sleep", 0.7}});
  const auto lines = [&] {
    std::vector<Event> events;
    Composer(load_preset("focus"), settings).compose_until(60.0, events);
    std::string all;
    for (const Event& event : events) all += to_line(event);
    return all;
  };
  const std::string first = lines();
  CHECK(first == lines());
  CHECK(first.find("\"preset\":\"sleep\"") != std::string::npos);
}

TEST_CASE("A mix of a preset that is not there is refused whole, and its name is the field at fault") {
  Moved moved("bright");
  try {
    moved.move({{"bright", 0.5}, {"nosuch", 0.5}}, at_s);
    FAIL("taken");
  } catch (const ControlError& error) {
    CHECK(error.field == "mix.nosuch");
  }
  CHECK(*moved.composer.state().controls.mix() == Mix{{"bright", 1.0}});
}
