// SPDX-License-Identifier: MIT
// Each control, and that it is heard: each of these fails if the control does nothing.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "compose/composed.h"
#include "model/layer.h"
#include "model/music.h"

using namespace auralis;

namespace {

constexpr double at_s = 200.0;

// A piece whose listener does something at at_s; and the same piece left alone.
struct Heard {
  std::vector<Event> events;
  std::vector<Event> alone;
  Control applied;
  Composer::State state;
};

Heard hear(const std::string& preset, const Control& control, uint64_t seed = 3, double until_s = 400.0) {
  Heard heard;
  ComposeSettings settings = installed_settings(seed);
  Composer composer(load_preset(preset), settings);
  heard.applied = composer.apply(control, at_s, heard.events);
  heard.state = composer.state();
  composer.compose_until(until_s, heard.events);
  Composer(load_preset(preset), settings).compose_until(until_s, heard.alone);
  return heard;
}

double bpm_of(const Composer& composer) { return *composer.state().controls.number(ControlId::bpm); }

template <typename T>
std::vector<T> between(const std::vector<Event>& events, double from_s, double to_s) {
  std::vector<T> found = all_of<T>(events);
  std::erase_if(found, [&](const T& e) { return e.t < from_s || e.t >= to_s; });
  return found;
}

double change_of(const std::vector<Event>& events, const std::string& layer,
                 std::variant<VoiceParam, MasterParam> param, double from_s, double to_s) {
  for (const ChangeEvent& change : between<ChangeEvent>(events, from_s, to_s)) {
    if (change.layer == layer && change.param == param) return change.value;
  }
  return std::nan("");
}

size_t count_notes(const std::vector<Event>& events, std::string_view layer, double from_s, double to_s) {
  const auto notes = notes_of(events, layer);
  return static_cast<size_t>(std::count_if(
      notes.begin(), notes.end(), [&](const SoundedNote& n) { return n.t >= from_s && n.t < to_s; }));
}

}  // namespace

TEST_CASE("A control is annotated where it takes effect, and what came before is not touched") {
  Control control;
  control.id = "abc";
  control[ControlId::intensity] = 0.9;
  const Heard heard = hear("focus", control);
  const auto marks = all_of<ControlEvent>(heard.events);
  REQUIRE(marks.size() == 1);
  CHECK(marks[0].t == at_s);
  CHECK(marks[0].applied == control);
  CHECK(heard.applied == control);
  CHECK(*heard.state.controls.number(ControlId::intensity) == 0.9);
  for (size_t i = 0; event_time(heard.events[i]) < at_s; ++i)
    REQUIRE(to_line(heard.events[i]) == to_line(heard.alone[i]));
  double last = 0;
  for (const Event& event : heard.events) {
    CHECK(event_time(event) >= last);
    last = event_time(event);
  }
}

TEST_CASE("Intensity is heard at once: cutoffs open with it, and more is played") {
  Control up, down;
  up[ControlId::intensity] = 1.0;
  down[ControlId::intensity] = 0.1;
  const Heard high = hear("focus", up), low = hear("focus", down);
  const double opened = change_of(high.events, "pad", VoiceParam::cutoff_hz, at_s, at_s + 0.001);
  const double closed = change_of(low.events, "pad", VoiceParam::cutoff_hz, at_s, at_s + 0.001);
  CHECK(opened > 1.5 * closed);
  CHECK(change_of(high.events, "lead", VoiceParam::gain_db, at_s, at_s + 0.001) >
        change_of(low.events, "lead", VoiceParam::gain_db, at_s, at_s + 0.001) + 3);
  CHECK(between<NoteEvent>(high.events, at_s, 400).size() >
        1.3 * static_cast<double>(between<NoteEvent>(low.events, at_s, 400).size()));
  for (const char* layer : {"low", "swell", "bells", "brush"}) {
    CHECK(count_notes(low.events, layer, at_s, 400) == 0);
    for (const SoundedNote& note : notes_of(low.events, layer)) CHECK(note.end <= at_s + 1.0);
  }
}

TEST_CASE("Percussion comes within moments of intensity crossing 0.3") {
  Control up;
  up[ControlId::intensity] = 0.8;
  up.layers["brush"].on = true;
  const Heard heard = hear("focus", up);
  CHECK(count_notes(heard.events, "brush", at_s, at_s + 10) > 0);
}

TEST_CASE("BPM moves smoothly over seconds, and the melody with it") {
  Control fast, slow;
  fast[ControlId::bpm] = 110.0;
  slow[ControlId::bpm] = 35.0;
  fast.layers["lead"].on = slow.layers["lead"].on = true;
  const Heard quick = hear("focus", fast, 3, 600), calm = hear("focus", slow, 3, 600);
  CHECK(*quick.state.controls.number(ControlId::bpm) < 110);
  const auto median_gap = [](const std::vector<Event>& events) {
    std::vector<double> gaps;
    const auto lead = notes_of(events, "lead");
    for (size_t i = 1; i < lead.size(); ++i) {
      if (lead[i - 1].t > at_s + 5) gaps.push_back(lead[i].t - lead[i - 1].t);
    }
    REQUIRE(gaps.size() > 10);
    std::nth_element(gaps.begin(), gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2), gaps.end());
    return gaps[gaps.size() / 2];
  };
  CHECK(median_gap(calm.events) > 2.0 * median_gap(quick.events));
  CHECK(change_of(quick.events, "master", MasterParam::delay_left_s, at_s, at_s + 1) <
        change_of(calm.events, "master", MasterParam::delay_left_s, at_s, at_s + 1));

  ComposeSettings settings = installed_settings(3);
  Composer composer(load_preset("focus"), settings);
  std::vector<Event> events;
  composer.apply(fast, at_s, events);
  double last = bpm_of(composer);
  for (double t = at_s; t < at_s + 6; t += 0.25) {
    composer.compose_until(t, events);
    CHECK(std::abs(bpm_of(composer) - last) < 6.0);
    last = bpm_of(composer);
  }
  CHECK(last == 110.0);
}

TEST_CASE(
    "A new key crosses over: clashing notes go within a second, its chord comes within two, the bass "
    "follows") {
  for (const std::string& preset : preset_names()) {
    Control control;
    control[ControlId::key] = "F#";
    const Heard heard = hear(preset, control);
    CAPTURE(preset);
    CHECK(*heard.state.controls.text(ControlId::key) == "F#");
    const auto chords = between<ChordEvent>(heard.events, at_s, at_s + 2);
    REQUIRE(chords.size() == 1);
    CHECK(chords[0].key == "F#");
    const Scale scale{6, find_mode(load_preset(preset).mode)};
    for (const SoundedNote& note : sounded_notes(heard.events)) {
      const auto later = between<ChordEvent>(heard.events, at_s, 1e9);
      const bool is_of_chord = std::any_of(later.begin(), later.end(), [&](const ChordEvent& chord) {
        const auto symbol = parse_chord_symbol(chord.name);  // which may be borrowed
        return symbol &&
               has_interval(symbol->intervals, wrap(static_cast<int>(note.pitch) - symbol->root, 12));
      });
      const bool clashes = !scale.contains(static_cast<int>(note.pitch)) && !(note.t >= at_s && is_of_chord);
      if (note.t < at_s && clashes) CHECK(note.end <= at_s + 1.0);
      if (note.t >= at_s + 2 && note.layer != "lead") CHECK_FALSE(clashes);
    }
    bool followed = false;
    for (const SoundedNote& note : notes_of(heard.events, "drone")) {
      followed =
          followed || (note.t >= at_s && note.t < at_s + 8 && scale.contains(static_cast<int>(note.pitch)));
    }
    if (!notes_of(heard.alone, "drone").empty() && notes_of(heard.alone, "drone").back().end > at_s)
      CHECK(followed);
  }
}

TEST_CASE("A new mode crosses over in the same way") {
  for (std::string_view mode : mode_names()) {
    if (mode == "dorian") continue;
    Control control;
    control[ControlId::mode] = std::string(mode);
    const Heard heard = hear("focus", control);
    CAPTURE(mode);
    CHECK(*heard.state.controls.text(ControlId::mode) == mode);
    const auto chords = between<ChordEvent>(heard.events, at_s, at_s + 2);
    REQUIRE(chords.size() == 1);
    CHECK(chords[0].mode == mode);
    const Scale scale{2, find_mode(mode)};
    for (const SoundedNote& note : sounded_notes(heard.events)) {
      if (note.t >= at_s + 2 && note.layer != "lead") CHECK(scale.contains(static_cast<int>(note.pitch)));
      if (note.t < at_s && !scale.contains(static_cast<int>(note.pitch))) CHECK(note.end <= at_s + 1.0);
    }
  }
}

TEST_CASE("A preset morphs every sound over seconds and brings its own harmony within two") {
  Control control;
  control[ControlId::preset] = "deep-sea";
  const Heard heard = hear("bright", control);
  CHECK(*heard.state.controls.text(ControlId::preset) == "deep-sea");
  CHECK(*heard.state.controls.text(ControlId::mode) == "phrygian");
  const auto changes = between<ChangeEvent>(heard.events, at_s, at_s + 0.001);
  CHECK(changes.size() > 30);
  for (const ChangeEvent& change : changes) {
    CHECK(change.glide >= 1.0);
    CHECK(change.glide <= 30.0);
  }
  // A layer whose movement changes gets its whole sound.
  const Preset to = load_preset("deep-sea");
  const auto patches = between<PatchEvent>(heard.events, at_s, at_s + 0.001);
  CHECK(patches.size() >= 4);
  for (const PatchEvent& patch : patches) {
    CAPTURE(patch.layer);
    CHECK(patch.glide >= 1.0);
    CHECK(patch.glide <= 30.0);
    const LayerPlan& plan = to.layer(*find_layer(patch.layer));
    CHECK(std::get<Patch>(patch.params)[VoiceParam::attack_s] == plan.sound[VoiceParam::attack_s]);
  }
  CHECK(change_of(heard.events, "master", MasterParam::reverb_time_s, at_s, at_s + 1) ==
        doctest::Approx(to.master[MasterParam::reverb_time_s]));
  const auto chords = between<ChordEvent>(heard.events, at_s, at_s + 2);
  REQUIRE(chords.size() == 1);
  CHECK(chords[0].key == to.key);
  const auto later = between<ChordEvent>(heard.events, at_s + 2, 400);
  for (size_t i = 1; i < later.size(); ++i) CHECK(to.harmony.chord_s.holds(later[i].t - later[i - 1].t));
  CHECK(count_notes(heard.events, "brush", at_s + 2, 400) == 0);  // it has none
}

TEST_CASE("A preset, its own key replaced in the same breath") {
  Control control;
  control[ControlId::preset] = "sleep";
  control[ControlId::key] = "A";
  control[ControlId::bpm] = 50.0;
  const Heard heard = hear("bright", control);
  CHECK(*heard.state.controls.text(ControlId::key) == "A");
  CHECK(*heard.state.controls.text(ControlId::mode) == load_preset("sleep").mode);
  CHECK(between<ChordEvent>(heard.events, at_s, at_s + 2).at(0).key == "A");
}

TEST_CASE(
    "A layer turned off fades, is released, and plays no more; turned on it plays at once, wherever the "
    "scene") {
  for (std::string_view name : layer_names()) {
    const std::string layer(name);
    CAPTURE(layer);
    Control on, off;
    on.layers[layer].on = true;
    off.layers[layer].on = false;
    const Heard with = hear("focus", on);
    const auto sounds = [](const SoundedNote& note) { return note.t < at_s + 30 && note.end > at_s; };
    if (layer != "low") CHECK(std::ranges::any_of(notes_of(with.events, layer), sounds));

    ComposeSettings settings = installed_settings(3);
    Composer composer(load_preset("focus"), settings);
    std::vector<Event> events;
    composer.apply(on, 100, events);
    composer.apply(off, at_s, events);
    composer.compose_until(300, events);
    composer.apply(on, 300, events);
    composer.compose_until(400, events);
    CHECK(change_of(events, layer, VoiceParam::trim_db, at_s, at_s + 0.001) == -60.0);
    CHECK(count_notes(events, layer, at_s, 300) == 0);
    for (const SoundedNote& note : notes_of(events, layer)) CHECK((note.end <= at_s + 1.0 || note.t >= 300));
    CHECK(change_of(events, layer, VoiceParam::trim_db, 300, 300.001) == 0.0);
    CHECK(count_notes(events, layer, 300, 400) > 0);
  }
}

TEST_CASE("A layer's gain is heard at once and outlasts scenes and presets") {
  Control control;
  control.layers["pad"].gain_db = -9.5;
  const Heard heard = hear("focus", control);
  CHECK(change_of(heard.events, "pad", VoiceParam::trim_db, at_s, at_s + 0.001) == -9.5);
  std::vector<Event> events;
  Composer composer(load_preset("focus"), installed_settings());
  composer.apply(control, 10, events);
  Control other;
  other[ControlId::preset] = "bright";
  composer.apply(other, 20, events);
  composer.compose_until(300, events);
  for (const ChangeEvent& change : between<ChangeEvent>(events, 10.1, 300)) {
    if (change.layer == "pad")
      CHECK(change.param != std::variant<VoiceParam, MasterParam>(VoiceParam::trim_db));
  }
}

TEST_CASE("The state says of every control and layer of the tables where it stands") {
  const Composer composer(load_preset("focus"), installed_settings());
  const Control controls = composer.state().controls;
  for (size_t i = 0; i < control_count; ++i) {
    CAPTURE(control_names()[i]);
    CHECK(controls.values[i].has_value());
  }
  CHECK(controls.layers.size() == layer_count);
  CHECK(parse_control(control_fields(controls)) == controls);
}

TEST_CASE("What a piece starts with may differ from its preset") {
  Control initial;
  initial[ControlId::key] = "Eb";
  initial[ControlId::mode] = "lydian";
  initial[ControlId::bpm] = 90.0;
  initial[ControlId::intensity] = 0.2;
  initial.layers["pad"].on = false;
  initial.layers["lead"].gain_db = -3;
  const auto events = compose(load_preset("focus"), 2, 120, initial);
  const StartEvent start = std::get<StartEvent>(events.front());
  CHECK(start.key == "Eb");
  CHECK(start.mode == "lydian");
  CHECK(start.bpm == 90);
  CHECK(start.intensity == 0.2);
  CHECK(notes_of(events, "pad").empty());
  for (const PatchEvent& patch : all_of<PatchEvent>(events)) {
    if (patch.layer == "pad") CHECK(std::get<Patch>(patch.params)[VoiceParam::trim_db] == -60.0F);
    if (patch.layer == "lead") CHECK(std::get<Patch>(patch.params)[VoiceParam::trim_db] == -3.0F);
  }
}

TEST_CASE("What nobody knows is refused whole, with the field") {
  Composer composer(load_preset("focus"), installed_settings());
  std::vector<Event> events;
  composer.compose_until(50, events);
  const auto before = composer.state();
  const auto refused = [&](const Control& control) {
    try {
      composer.apply(control, 60, events);
    } catch (const ControlError& e) {
      return e.field;
    }
    return std::string("taken");
  };
  Control preset, layer;
  preset[ControlId::preset] = "no-such";
  preset[ControlId::intensity] = 0.9;
  layer.layers["trumpet"].on = true;
  layer[ControlId::key] = "A";
  CHECK(refused(preset) == "preset");
  CHECK(refused(layer) == "layers.trumpet");
  Control path;
  path[ControlId::preset] = "../../etc/passwd";
  CHECK(refused(path) == "preset");
  CHECK(composer.state().controls == before.controls);
}

TEST_CASE("The same controls at the same times give the same piece, whatever the steps") {
  const auto play = [](double step_s) {
    ComposeSettings settings = installed_settings(12);
    settings.duration_s = 300;
    Composer composer(load_preset("signal"), settings);
    std::vector<Event> events;
    const std::pair<double, const char*> log[] = {
        {20.0, R"({"intensity":0.9})"},
        {20.0, R"({"key":"A"})"},
        {61.234567, R"({"preset":"dunes"})"},
        {70.5, R"({"layers":{"lead":{"on":false}},"bpm":100})"},
        {140.0, R"({"mode":"ionian","layers":{"lead":{"on":true}}})"}};
    size_t next = 0;
    for (double t = step_s; !composer.ended(); t += step_s) {
      for (; next < std::size(log) && log[next].first < t; ++next)
        composer.apply(parse_control(nlohmann::json::parse(log[next].second)), log[next].first, events);
      composer.compose_until(t, events);
    }
    return lines(events);
  };
  const std::string whole = play(1e9);
  CHECK(play(0.02) == whole);
  CHECK(play(7.0) == whole);
}

TEST_CASE("Without melody there is no lead") {
  ComposeSettings settings = installed_settings();
  settings.melody = MelodyKind::none;
  settings.duration_s = 900;
  Composer composer(load_preset("dunes"), settings);
  std::vector<Event> events;
  composer.compose_until(1e9, events);
  CHECK(notes_of(events, "lead").empty());
  CHECK(notes_of(events, "pad").size() > 10);
}
TEST_CASE(
    "A fader dragged in sixty small steps asks for no more notes than one step to the same place, but a "
    "few") {
  for (const std::string& preset : preset_names()) {
    CAPTURE(preset);
    const auto heard = [&preset](int steps) {
      ComposeSettings settings = installed_settings(5);
      Composer composer(load_preset(preset), settings);
      std::vector<Event> events;
      composer.compose_until(100.0, events);
      for (int step = 1; step <= steps; ++step) {
        Control control;
        control[ControlId::intensity] = 0.5 + 0.3 * step / steps;
        composer.apply(control, 100.0 + 3.0 * step / steps, events);
      }
      composer.compose_until(105.0, events);
      return between<NoteEvent>(events, 100.0, 105.0).size();
    };
    CHECK(heard(60) <= heard(1) + 6);
  }
}
