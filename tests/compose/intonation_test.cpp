// SPDX-License-Identifier: MIT
#include "compose/intonation.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "compose/composed.h"
#include "compose/theory/chord.h"

using namespace auralis;

namespace {

std::vector<Event> tuned(const std::string& preset, const Tuning& tuning, double reference_hz = 440.0,
                         double duration_s = 600.0) {
  ComposeSettings settings = installed_settings(3);
  settings.duration_s = duration_s;
  settings.tuning = tuning;
  settings.initial[ControlId::reference] = reference_hz;
  Composer composer(load_preset(preset), settings);
  std::vector<Event> events;
  composer.compose_until(1e12, events);
  return events;
}

// Where a note is at a time, by the bends so far.
double pitch_at(const std::vector<Event>& events, uint64_t id, double t) {
  double pitch = 0.0;
  for (const Event& event : events) {
    if (event_time(event) > t) break;
    if (const auto* note = std::get_if<NoteEvent>(&event); note != nullptr && note->id == id)
      pitch = note->pitch;
    if (const auto* bend = std::get_if<BendEvent>(&event); bend != nullptr && bend->id == id)
      pitch = bend->pitch;
  }
  return pitch;
}

double cents_off(double interval_st, double ratio) {
  const double octaves = interval_st / 12.0 - std::log2(ratio);
  return 1200.0 * (octaves - std::round(octaves));
}

}  // namespace

TEST_CASE("Nothing asked for, a piece is the same to the byte, and so it is in equal temperament by name") {
  const auto plain = compose(load_preset("focus"), 3, 300.0);
  const auto named = tuned("focus", *find_tuning("equal"), 440.0, 300.0);
  CHECK(lines(named) == lines(plain));
  CHECK(lines(plain).find("\"key\":6") == std::string::npos);
}

TEST_CASE("Another tuning changes pitches alone: keys, times and everything else stay") {
  const auto plain = all_of<NoteEvent>(compose(load_preset("focus"), 3, 600.0));
  for (const char* name : {"pythagorean", "just", "slendro", "werckmeister-iii"}) {
    const auto notes = all_of<NoteEvent>(tuned("focus", *find_tuning(name)));
    REQUIRE(notes.size() == plain.size());
    bool differs = false;
    for (size_t i = 0; i < notes.size(); ++i) {
      REQUIRE(notes[i].key == static_cast<int>(plain[i].pitch));
      REQUIRE(notes[i].t == plain[i].t);
      REQUIRE(std::abs(notes[i].pitch - plain[i].pitch) < 1.6);
      differs |= notes[i].pitch != plain[i].pitch;
    }
    CHECK(differs);
  }
}

TEST_CASE("The first line tells tuning and reference") {
  const auto start = all_of<StartEvent>(tuned("focus", *find_tuning("meantone"), 432.0, 60.0)).at(0);
  CHECK(start.tuning == "meantone");
  CHECK(start.reference_hz == 432.0);
}

TEST_CASE(
    "In just intonation what sounds of a chord is pure against its root, also what sounds on from the one "
    "before") {
  const auto events = tuned("cathedral", *find_tuning("just"), 440.0, 1200.0);
  const auto chords = all_of<ChordEvent>(events);
  const auto notes = all_of<NoteEvent>(events);
  std::map<uint64_t, double> ended;
  for (const ReleaseEvent& release : all_of<ReleaseEvent>(events)) ended.emplace(release.id, release.t);
  size_t heard = 0;
  for (size_t i = 0; i + 1 < chords.size(); ++i) {
    const auto symbol = parse_chord_symbol(chords[i].name);
    if (!symbol || !has_interval(symbol->intervals, 7)) continue;
    const double at = (chords[i].t + chords[i + 1].t) / 2.0;
    std::map<int, std::vector<double>> sounding;  // by interval above the root
    for (const NoteEvent& note : notes) {
      if (note.t > at || note.t + note.dur < at || (ended.contains(note.id) && ended[note.id] < at)) continue;
      sounding[wrap(*note.key - symbol->root, 12)].push_back(pitch_at(events, note.id, at));
    }
    // Of thirds in chords of thirds; among stacked fifths a third of four fifths is the simpler.
    const bool of_thirds = std::ranges::all_of(symbol->intervals, [](int interval) {
      return interval == 0 || interval == 3 || interval == 4 || interval == 7 || interval == 10 ||
             interval == 11;
    });
    const auto is_pure = [&](int interval, double ratio) {
      if (!has_interval(symbol->intervals, interval)) return;
      for (const double root : sounding[0]) {
        for (const double tone : sounding[interval]) {
          CHECK(std::abs(cents_off(tone - root, ratio)) < 0.01);
          ++heard;
        }
      }
    };
    is_pure(7, 1.5);
    if (!of_thirds) continue;
    is_pure(4, 1.25);
    is_pure(3, 1.2);
  }
  CHECK(heard > 50);
}

TEST_CASE("Just intonation stays within a comma of the tonic for eight hours") {
  const auto events = tuned("dunes", *find_tuning("just"), 440.0, 8 * 3600.0);
  for (const NoteEvent& note : all_of<NoteEvent>(events)) REQUIRE(std::abs(note.pitch - *note.key) < 0.5);
}

TEST_CASE("A listener's tuning and reference glide what sounds there, and all that follows is in them") {
  ComposeSettings settings = installed_settings(3);
  Composer composer(load_preset("focus"), settings);
  std::vector<Event> events;
  Control control;
  control[ControlId::tuning] = std::string("slendro");
  control[ControlId::reference] = 432.0;
  composer.apply(control, 100.0, events);
  composer.compose_until(200.0, events);
  CHECK(*composer.state().controls.text(ControlId::tuning) == "slendro");
  CHECK(*composer.state().controls.number(ControlId::reference) == 432.0);
  std::vector<uint64_t> sounding;
  for (const NoteEvent& note : all_of<NoteEvent>(events)) {
    if (note.t < 100.0 && note.t + note.dur > 103.0) sounding.push_back(note.id);
    if (note.t < 100.0) CHECK(note.pitch == std::floor(note.pitch));
  }
  for (const ReleaseEvent& release : all_of<ReleaseEvent>(events)) {
    if (release.t < 101.0) std::erase(sounding, release.id);
  }
  const auto bends = all_of<BendEvent>(events);
  REQUIRE(!sounding.empty());
  for (const uint64_t id : sounding) {
    const auto bend = std::ranges::find(bends, id, &BendEvent::id);
    REQUIRE(bend != bends.end());
    CHECK(bend->t == 100.0);
    CHECK(bend->glide == info_of(ControlId::tuning).glide_s);
  }
  const KeyPitches pitches = key_pitches(*find_tuning("slendro"), 432.0, 2);
  for (const NoteEvent& note : all_of<NoteEvent>(events)) {
    if (note.t > 100.0) CHECK(note.pitch == *pitches[static_cast<size_t>(*note.key)]);
  }
}

TEST_CASE("A tuning that is not known is refused with the nearest, and nothing changes") {
  Composer composer(load_preset("focus"), installed_settings(3));
  std::vector<Event> events;
  Control control;
  control[ControlId::tuning] = std::string("slendor");
  control[ControlId::intensity] = 0.9;
  CHECK_THROWS_WITH_AS(composer.apply(control, 10.0, events), "tuning is unknown, expected slendro",
                       ControlError);
  CHECK(*composer.state().controls.number(ControlId::intensity) != 0.9);
}

TEST_CASE("A key that a mapping keeps silent does not sound") {
  Tuning tuning = equal_temperament();
  tuning.name = "white";
  tuning.keys = KeyMap{.octave_degree = 12, .degrees = {0, {}, 2, {}, 4, 5, {}, 7, {}, 9, {}, 11}};
  std::vector<Event> events{StartEvent{}, NoteEvent{0.0, 1, "pad", 61.0}, NoteEvent{0.0, 2, "pad", 62.0}};
  Intonation(tuning, 440.0).tune(events);
  const auto notes = all_of<NoteEvent>(events);
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].id == 2);
}

TEST_CASE("A stream that is tuned anew comes from its keys, and its old bends are gone") {
  auto events = tuned("cathedral", *find_tuning("just"), 415.0, 300.0);
  const auto plain = compose(load_preset("cathedral"), 3, 300.0);
  Intonation(equal_temperament(), 440.0).tune(events);
  CHECK(all_of<BendEvent>(events).empty());
  const auto notes = all_of<NoteEvent>(events);
  const auto expected = all_of<NoteEvent>(plain);
  REQUIRE(notes.size() == expected.size());
  for (size_t i = 0; i < notes.size(); ++i) CHECK(notes[i].pitch == expected[i].pitch);
}
