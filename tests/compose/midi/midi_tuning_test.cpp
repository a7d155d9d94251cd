// SPDX-License-Identifier: MIT
#include "compose/midi/midi_tuning.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "compose/composed.h"
#include "tiny_midi.h"

using namespace auralis;

namespace {

std::string sysex(std::initializer_list<int> bytes) { return test::bytes(bytes); }

}  // namespace

TEST_CASE("Single keys are tuned in real time and not, by program and bank") {
  MidiTunings tunings;
  CHECK(tunings.take(sysex({0x7f, 0x7f, 8, 2, 0, 2, 60, 60, 0x40, 0, 61, 62, 0, 0})));
  CHECK(tunings.above_key_st(0, 60, 0, 0) == 0.5);
  CHECK(tunings.above_key_st(9, 61, 0, 0) == 1.0);
  CHECK(tunings.above_key_st(0, 62, 0, 0) == 0.0);
  CHECK(tunings.above_key_st(0, 60, 0, 1) == 0.0);
  CHECK(tunings.take(sysex({0x7e, 0x7f, 8, 7, 3, 5, 1, 60, 59, 0x40, 0})));
  CHECK(tunings.above_key_st(0, 60, 3, 5) == -0.5);
  CHECK(tunings.take(sysex({0x7f, 0x7f, 8, 2, 0, 1, 60, 0x7f, 0x7f, 0x7f})));  // leaves it
  CHECK(tunings.above_key_st(0, 60, 0, 0) == 0.5);
}

TEST_CASE("A whole tuning and an octave are taken, and what is cut short is not") {
  MidiTunings tunings;
  std::string dump = sysex({0x7e, 0x7f, 8, 1, 0}) + std::string(16, ' ');
  for (int key = 0; key < 128; ++key) dump += sysex({key, 0x20, 0});
  CHECK(!tunings.take(std::string_view(dump).substr(0, 200)));
  CHECK(tunings.empty());
  CHECK(tunings.take(dump));
  for (int key = 0; key < 128; ++key) CHECK(tunings.above_key_st(0, key, 0, 0) == 0.25);
  std::string octave = sysex({0x7f, 0x7f, 8, 8, 0, 0, 2});
  for (int key = 0; key < 12; ++key) octave += static_cast<char>(64 + key);
  MidiTunings by_octave;
  CHECK(by_octave.take(octave));
  CHECK(std::abs(by_octave.above_key_st(1, 67, 0, 0) - 0.07) < 1e-12);
  CHECK(by_octave.above_key_st(0, 67, 0, 0) == 0.0);
  std::string fine = sysex({0x7e, 0x7f, 8, 9, 3, 0x7f, 0x7f});
  for (int key = 0; key < 12; ++key) fine += sysex({0x60, 0});
  CHECK(by_octave.take(fine));
  for (int channel = 0; channel < 16; ++channel) CHECK(by_octave.above_key_st(channel, 60, 0, 0) == 0.5);
  CHECK(!by_octave.take(sysex({0x7e, 0x7f, 9, 1})));
}

TEST_CASE("A tuned piece keeps its pitches through a MIDI file, to a hundredth of a cent, bends too") {
  ComposeSettings settings = installed_settings(3);
  settings.duration_s = 600.0;
  settings.tuning = *find_tuning("just");
  settings.initial[ControlId::reference] = 432.0;
  Composer composer(load_preset("cathedral"), settings);
  std::vector<Event> events;
  composer.compose_until(1e12, events);
  const auto back = events_from_midi(midi_from_events(events), load_preset("cathedral"), "x.mid");
  // By key and onset.
  std::map<std::pair<int, long>, double> pitches;
  for (const NoteEvent& note : all_of<NoteEvent>(back))
    pitches[{note.key.value_or(static_cast<int>(note.pitch)), std::lround(note.t * 50.0)}] = note.pitch;
  size_t found = 0;
  const auto notes = all_of<NoteEvent>(events);
  for (const NoteEvent& note : notes) {
    for (const long nearby : {-1L, 0L, 1L}) {
      const auto at = pitches.find({*note.key, std::lround(note.t * 50.0) + nearby});
      if (at == pitches.end()) continue;
      // A step of a chord's glide may be under way.
      found += std::abs(at->second - note.pitch) < 1e-4 ? 1 : 0;
      break;
    }
  }
  CHECK(found > notes.size() * 95 / 100);
  CHECK(all_of<BendEvent>(events).empty() == all_of<BendEvent>(back).empty());
}

TEST_CASE(
    "Where it is to be bent, every note sounds within a twentieth of a cent of its pitch, by its channel's "
    "bend") {
  for (const std::string tuning : {"just", "slendro", "equal"}) {
    CAPTURE(tuning);
    ComposeSettings settings = installed_settings(3);
    settings.duration_s = 600.0;
    settings.tuning = *find_tuning(tuning);
    Composer composer(load_preset("cathedral"), settings);
    std::vector<Event> events;
    composer.compose_until(1e12, events);
    const std::string file = midi_from_events(events, MidiTuning::bends);
    CHECK((file == midi_from_events(events)) == (tuning == "equal"));
    const MidiSong song = read_midi(file, "x.mid");
    std::multimap<long, double> pitches;  // by onset
    for (const MidiNote& note : song.notes) pitches.emplace(std::lround(note.t * 200.0), note.pitch);
    size_t found = 0;
    const auto notes = all_of<NoteEvent>(events);
    for (const NoteEvent& note : notes) {
      const long at = std::lround(note.t * 200.0);
      found += std::any_of(pitches.lower_bound(at - 1), pitches.upper_bound(at + 1),
                           [&](const auto& entry) { return std::abs(entry.second - note.pitch) < 5e-4; });
    }
    CHECK(song.notes.size() == notes.size());
    CHECK(found >= notes.size() * 99 / 100);
  }
}

TEST_CASE("A message longer than 127 bytes has its length in two") {
  std::vector<std::pair<int, double>> keys;
  for (int key = 0; key < 127; ++key) keys.emplace_back(key, key + 0.25);
  const std::string event = retune_event(keys);
  CHECK(static_cast<unsigned char>(event[1]) == (0x80 | ((event.size() - 3) >> 7)));
  CHECK(static_cast<size_t>(event[2]) == ((event.size() - 3) & 0x7f));
  MidiTunings tunings;
  CHECK(tunings.take(std::string_view(event).substr(3, event.size() - 4)));
  CHECK(tunings.above_key_st(0, 126, 0, 0) == 0.25);
}
