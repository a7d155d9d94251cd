// SPDX-License-Identifier: MIT
#include "compose/composer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "compose/composed.h"
#include "compose/parts/melody.h"
#include "compose/theory/rhythm.h"
#include "model/layer.h"
#include "model/music.h"

using namespace auralis;

namespace {

// The chord of this name: the pitches alone may leave a tone out.
Chord chord_of(const ChordEvent& event) {
  const Scale scale{*key_pitch_class(event.key), find_mode(event.mode)};
  const auto symbol = parse_chord_symbol(event.name);
  REQUIRE_MESSAGE(symbol, "no chord " << event.name);
  return named_chord(scale, symbol->root, symbol->intervals);
}

// What holds for every piece of every preset, whatever its length.
void check_piece(const std::vector<Event>& events, const Preset& preset, double duration_s) {
  REQUIRE(events.size() > 2);
  CHECK(std::holds_alternative<StartEvent>(events.front()));
  REQUIRE(std::holds_alternative<EndEvent>(events.back()));
  CHECK(std::get<EndEvent>(events.back()).t == duration_s);

  double last = 0.0;
  for (const Event& event : events) {
    CHECK(event_time(event) >= last);
    last = event_time(event);
  }

  std::set<uint64_t> ids;
  for (const NoteEvent& note : all_of<NoteEvent>(events)) {
    CHECK(ids.insert(note.id).second);
    CHECK(note.dur > 0.0);
    CHECK(note.dur <= 150.0);
    CHECK(note.vel > 0.0);
    CHECK(note.vel <= 1.0);
    CHECK(std::abs(note.pan) <= 1.0);
    CHECK(note.pitch >= 12);
    CHECK(note.pitch <= 115);
  }
  // Everything is released before the end, and within two seconds of it.
  double last_s = 0.0;
  for (const SoundedNote& note : sounded_notes(events)) last_s = std::max(last_s, note.end);
  CHECK(last_s < duration_s - 0.05 * std::min(duration_s, 20.0));
  CHECK(last_s >= duration_s - 2.0);

  const auto chords = all_of<ChordEvent>(events);
  REQUIRE(!chords.empty());
  for (size_t i = 1; i < chords.size(); ++i) {
    const double length = chords[i].t - chords[i - 1].t;
    CHECK(length >= preset.harmony.chord_s.low - 1e-5);
    CHECK(length <= preset.harmony.chord_s.high + 1e-5);
    CHECK(chords[i].name != chords[i - 1].name);
  }
  CHECK(
      (chords.back().degree == "I" || chords.back().degree == "i" || chords.back().degree.starts_with("i°")));
}

void check_lead(const std::vector<Event>& events) {
  const auto lead = notes_of(events, "lead");
  for (size_t i = 2; i < lead.size(); ++i) {
    const double leap = lead[i - 1].pitch - lead[i - 2].pitch;
    CHECK(std::abs(leap) <= octave_st);
    if (std::abs(leap) <= fifth_st) continue;
    const double back = lead[i].pitch - lead[i - 1].pitch;
    CHECK(back * leap < 0);
    CHECK(std::abs(back) <= 3);
  }
  // No long note against its chord, nor against the one it sounds into.
  const auto chords = all_of<ChordEvent>(events);
  for (const SoundedNote& note : lead) {
    if (note.end - note.t < long_note_s) continue;
    for (size_t i = 0; i < chords.size(); ++i) {
      const double from = std::max(note.t, chords[i].t);
      const double to = std::min(note.end, i + 1 < chords.size() ? chords[i + 1].t : 1e12);
      if (to - from > 0.3) CHECK(agrees(chord_of(chords[i]), static_cast<int>(note.pitch)));
    }
  }
}

double share_of_v_to_i(const std::vector<ChordEvent>& chords) {
  double found = 0;
  for (size_t i = 1; i < chords.size(); ++i) {
    const bool v = chords[i - 1].degree.substr(0, 2) == "V" || chords[i - 1].degree == "v" ||
                   chords[i - 1].degree == "V";
    found += v && (chords[i].degree == "I" || chords[i].degree == "i") && chords[i].key == chords[i - 1].key;
  }
  return chords.size() > 1 ? found / static_cast<double>(chords.size() - 1) : 0.0;
}

void hold_to_expectations(const std::vector<Event>& events, const Preset& preset) {
  const nlohmann::json measured = nlohmann::json(measure_score(events)).flatten();
  const auto figure = [&](const std::string& name) {
    for (const auto& [path, value] : measured.items()) {
      if (path.ends_with("/" + name)) return value.is_null() ? 0.0 : value.get<double>();
    }
    FAIL("no measure " << name);
    return 0.0;
  };
  const auto within = [&](const char* name, const Range& range) {
    CHECK_MESSAGE(range.holds(figure(name)), preset.name << ": " << name << " is " << figure(name)
                                                         << ", declared " << range.low << " to "
                                                         << range.high);
  };
  within("notes_per_minute", preset.expect.notes_per_min);
  within("silence_share", preset.expect.silence);
  within("notes_at_once_max", preset.expect.voices);

  // Pitch classes against the key each chord says it is in, since a piece may modulate.
  const auto chords = all_of<ChordEvent>(events);
  double in = 0, all = 0;
  std::map<int, double> classes;
  size_t at = 0;
  for (const SoundedNote& note : sounded_notes(events)) {
    while (at + 1 < chords.size() && chords[at + 1].t <= note.t) ++at;
    const Scale scale{*key_pitch_class(chords[at].key), find_mode(chords[at].mode)};
    in += scale.contains(static_cast<int>(note.pitch));
    classes[wrap(static_cast<int>(note.pitch) - scale.tonic, 12)] += 1;
    ++all;
  }
  CHECK(in / all > 0.95);
  double entropy = 0;
  for (const auto& [pitch_class, count] : classes) entropy -= count / all * std::log2(count / all);
  CHECK_MESSAGE(preset.expect.entropy_bits.holds(entropy), preset.name << ": entropy is " << entropy);
  CHECK(share_of_v_to_i(chords) < 0.03);
}

}  // namespace

TEST_CASE("An hour of every preset: in order, nothing stuck, within what the preset declares") {
  for (const std::string& name : preset_names()) {
    CAPTURE(name);
    const Preset preset = load_preset(name);
    const auto events = compose(preset, 1, 3600);
    check_piece(events, preset, 3600);
    check_lead(events);
    hold_to_expectations(events, preset);
  }
}

// AURALIS_LONG=1 build/bin/test_compose
TEST_CASE("Eight hours and twenty seeds of every preset") {
  if (!std::getenv("AURALIS_LONG")) return;
  for (const std::string& name : preset_names()) {
    const Preset preset = load_preset(name);
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(name);
      CAPTURE(seed);
      const auto events = compose(preset, seed, 8 * 3600);
      check_piece(events, preset, 8 * 3600);
      check_lead(events);
      hold_to_expectations(events, preset);
    }
  }
}

TEST_CASE(
    "Every preset's lead remembers: figures return, phrases rest, steps are small; bells answer in contour") {
  for (const std::string& name : preset_names()) {
    const Preset preset = load_preset(name);
    if (!preset.layer(Layer::lead).on) continue;
    double answers = 0, kept = 0, by_chance = 0;
    for (uint64_t seed : {1, 101}) {
      CAPTURE(name);
      CAPTURE(seed);
      const auto measured = measure_score(compose(preset, seed, 8 * 3600));
      CHECK(measured["lead_figures_ratio"] >= 1.4);
      CHECK(measured["lead_figures_with_rhythm"] >= 0.05);
      CHECK(measured["lead_ends_ratio"] >= 2.0);
      CHECK(measured["lead_interval_mean_st"] <= 2.6);
      CHECK(measured["lead_turns_share"] <= 0.5);
      const double count = measured["bells_answers"];
      if (count == 0) continue;
      answers += count;
      kept += count * measured["bells_answers_in_contour"].get<double>();
      by_chance += count * measured["bells_answers_by_chance"].get<double>();
    }
    if (answers >= 10) CHECK(kept >= 1.5 * by_chance);
  }
}

TEST_CASE("The steps in which a piece is asked for do not show in it") {
  for (const std::string& name : preset_names()) {
    const Preset preset = load_preset(name);
    const std::string whole = lines(compose(preset, 5, 300));
    for (double step_s : {0.01, 0.37, 100.0}) {
      ComposeSettings settings = installed_settings(5);
      settings.duration_s = 300;
      Composer composer(preset, settings);
      std::vector<Event> events;
      for (double t = step_s; !composer.ended(); t += step_s) {
        const size_t before = events.size();
        composer.compose_until(t, events);
        for (size_t i = before; i < events.size(); ++i) REQUIRE(event_time(events[i]) < t);
      }
      CAPTURE(name);
      CAPTURE(step_s);
      CHECK(lines(events) == whole);
    }
  }
}

TEST_CASE("The same seed gives the same piece, another seed another") {
  const Preset preset = load_preset("focus");
  CHECK(lines(compose(preset, 8, 600)) == lines(compose(preset, 8, 600)));
  CHECK(lines(compose(preset, 8, 600)) != lines(compose(preset, 9, 600)));
}

TEST_CASE("Any duration has its end exactly, on the tonic, with everything released before it") {
  for (const std::string& name : preset_names()) {
    const Preset preset = load_preset(name);
    for (double duration_s : {0.001, 1.0, 10.0, 45.5, 200.0, 1000.123456}) {
      CAPTURE(name);
      CAPTURE(duration_s);
      const auto events = compose(preset, 3, duration_s);
      CHECK(std::get<EndEvent>(events.back()).t == duration_s);
      const auto chords = all_of<ChordEvent>(events);
      REQUIRE(!chords.empty());
      CHECK(chord_of(chords.back()).degree == 0);
      if (duration_s >= 10.0) {
        CHECK(!notes_of(events, "pad").empty() == preset.layer(Layer::pad).on);
        for (const SoundedNote& note : sounded_notes(events)) CHECK(note.end <= duration_s - 1.5);
      }
      // The fade is over before the end.
      bool faded = false;
      for (const ChangeEvent& change : all_of<ChangeEvent>(events)) {
        if (change.layer != master_layer ||
            change.param != std::variant<VoiceParam, MasterParam>(MasterParam::gain_db))
          continue;
        faded = change.value == -60.0;
        CHECK(change.t + change.glide <= duration_s);
      }
      CHECK(faded);
    }
  }
}

TEST_CASE("A whole piece has a course: it begins thinner than its middle, and goes through several chords") {
  for (const std::string& name : preset_names()) {
    const Preset preset = load_preset(name);
    double early = 0, middle = 0;
    for (uint64_t seed = 1; seed <= 6; ++seed) {
      const auto notes = sounded_notes(compose(preset, seed, 600));
      for (const SoundedNote& note : notes) {
        early += note.t < 60;
        middle += note.t >= 330 && note.t < 450;
      }
    }
    CAPTURE(name);
    CHECK(early < 0.75 * middle);
  }
  CHECK(all_of<ChordEvent>(compose(load_preset("focus"), 3, 60)).size() >= 2);
}

TEST_CASE("Tones that two chords share sound on across the change") {
  double shared = 0, sounding = 0;
  for (const std::string& name : preset_names()) {
    const Preset preset = load_preset(name);
    const auto events = compose(preset, 6, 3600);
    const auto chords = all_of<ChordEvent>(events);
    const auto pads = notes_of(events, "pad");
    for (size_t i = 1; i < chords.size(); ++i) {
      for (double pitch : chords[i].pitches) {
        const auto& before = chords[i - 1].pitches;
        const double t = chords[i].t;
        const bool here = std::any_of(pads.begin(), pads.end(), [&](const SoundedNote& n) {
          return n.t < t - 1 && n.end > t - 1 && n.pitch == pitch;
        });
        if (std::find(before.begin(), before.end(), pitch) == before.end() || !here) continue;
        const bool silence = std::none_of(pads.begin(), pads.end(),
                                          [&](const SoundedNote& n) { return n.t < t && n.end > t; });
        if (silence) continue;
        ++shared;
        sounding += std::any_of(pads.begin(), pads.end(), [&](const SoundedNote& n) {
          return n.t < t && n.end > t + 1 && n.pitch == pitch;
        });
      }
    }
  }
  CHECK(shared > 200);
  CHECK(sounding / shared > 0.95);
}

TEST_CASE("The mode's characteristic chord is reached, again and again") {
  for (const std::string& name : preset_names()) {
    const Preset preset = load_preset(name);
    const auto chords = all_of<ChordEvent>(compose(preset, 7, 4 * 3600));
    double found = 0;
    for (const ChordEvent& chord : chords) {
      found += chord_of(chord).degree == installed_harmony_tables().find(chord.mode)->second.characteristic;
    }
    CAPTURE(name);
    CHECK(found / static_cast<double>(chords.size()) > 0.1);
  }
}

TEST_CASE("Where a preset allows it the key moves to a related one within the hour, and comes home") {
  const Preset preset = load_preset("bright");
  REQUIRE(preset.harmony.modulate_min > 0);
  const auto chords = all_of<ChordEvent>(compose(preset, 2, 4 * 3600));
  std::vector<std::string> keys{chords.front().key};
  for (const ChordEvent& chord : chords) {
    if (chord.key != keys.back()) keys.push_back(chord.key);
  }
  CHECK(keys.size() > 4);
  CHECK(std::count(keys.begin(), keys.end(), preset.key) > 1);
  for (size_t i = 1; i < keys.size(); ++i) {
    const Scale from{*key_pitch_class(keys[i - 1]), find_mode(preset.mode)};
    const Scale to{*key_pitch_class(keys[i]), find_mode(preset.mode)};
    int common = 0;
    for (int pitch = 60; pitch < 72; ++pitch) common += from.contains(pitch) && to.contains(pitch);
    if (keys[i] != preset.key) CHECK(common >= 4);
  }
  CHECK(all_of<ChordEvent>(compose(load_preset("sleep"), 2, 4 * 3600)).back().key ==
        load_preset("sleep").key);
}

TEST_CASE("Arcs move brightness and space, and every change stays in its parameter's range") {
  for (const std::string& name : preset_names()) {
    std::map<std::string, std::pair<double, double>> spans;
    for (const ChangeEvent& change : all_of<ChangeEvent>(compose(load_preset(name), 2, 1800))) {
      const ParamInfo& info = std::holds_alternative<VoiceParam>(change.param)
                                  ? voice_params[static_cast<size_t>(std::get<VoiceParam>(change.param))]
                                  : master_params[static_cast<size_t>(std::get<MasterParam>(change.param))];
      CHECK(change.value >= info.min);
      CHECK(change.value <= info.max);
      auto [at, fresh] =
          spans.try_emplace(change.layer + "." + std::string(info.name), change.value, change.value);
      at->second.first = std::min(at->second.first, change.value);
      at->second.second = std::max(at->second.second, change.value);
    }
    CAPTURE(name);
    const auto& cutoff = spans["pad.cutoff_hz"];
    CHECK(cutoff.second / cutoff.first > 1.3);
    const auto& reverb = spans["master.reverb_level"];
    CHECK(reverb.second / reverb.first > 1.1);
  }
}

TEST_CASE("A given harmony is played as given, round and round, and moves with the key") {
  Preset preset = load_preset("focus");
  const Scale scale{2, find_mode("dorian")};
  ComposeSettings settings = installed_settings();
  settings.duration_s = 120;
  settings.chart = {{*make_chord(scale, 0, Colour::triad), 10.0},
                    {*make_chord(scale, 3, Colour::triad), 15.0}};
  Composer composer(preset, settings);
  std::vector<Event> events;
  composer.compose_until(60, events);
  Control control;
  control[ControlId::key] = "E";
  composer.apply(control, 60, events);
  composer.compose_until(1e9, events);
  const auto chords = all_of<ChordEvent>(events);
  REQUIRE(chords.size() > 6);
  const char* names[] = {"Dm", "G", "Dm", "G", "Dm"};
  const double times[] = {0, 10, 25, 35, 50};
  for (size_t i = 0; i < 5; ++i) {
    CHECK(chords[i].name == names[i]);
    CHECK(chords[i].t == times[i]);
  }
  CHECK(chords[5].name == "A");
  CHECK(chords[6].name == "Em");
}
