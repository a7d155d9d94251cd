// SPDX-License-Identifier: MIT
#include "compose/midi/midi_file.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/error.h"
#include "compose/preset/harmony_tables.h"
#include "compose/preset/preset.h"
#include "compose/preset/preset_files.h"
#include "compose/preset/preset_yaml.h"
#include "refusal.h"

using namespace auralis;
using test::check_begins;

namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (int value : values) out += static_cast<char>(value);
  return out;
}

std::string number(size_t value, int count) {
  std::string out;
  while (count-- > 0) out += static_cast<char>((value >> (8 * count)) & 0xff);
  return out;
}

std::string header(int type, int tracks, int division = 480) {
  return "MThd" + number(6, 4) + number(static_cast<size_t>(type), 2) +
         number(static_cast<size_t>(tracks), 2) + number(static_cast<size_t>(division), 2);
}

std::string track(const std::string& body) {
  const std::string whole = body + bytes({0, 0xff, 0x2f, 0});
  return "MTrk" + number(whole.size(), 4) + whole;
}

MidiSong read(const std::string& body, int division = 480) {
  return read_midi(header(0, 1, division) + track(body), "song.mid");
}

std::string refusal(const std::string& file) {
  return test::refusal([&] { read_midi(file, "song.mid"); });
}

const std::string a_note = bytes({0, 0x90, 60, 100, 0x83, 0x60, 0x80, 60, 0});  // one quarter

std::vector<Event> piece() {
  StartEvent start;
  start.seed = "7";
  start.preset = "focus";
  start.key = "Eb";
  start.mode = "dorian";
  start.bpm = 47.0;  // no whole number of microseconds a quarter
  return {start,
          ChordEvent{0.0, "Ebm9", "i", {51, 58}},
          NoteEvent{0.0, 1, "drone", 39.0, 0.5, 3600.0, 0.0},
          NoteEvent{1.0, 2, "lead", 70.5, 0.8, 2.0, -0.5},
          NoteEvent{2.0, 3, "lead", 72.0, 0.8, 9.0, 0.0},
          NoteEvent{4.0, 4, "pad", 60.0, 1.0, 4.0, 0.0},
          NoteEvent{5.0, 5, "pad", 60.0, 0.5, 4.0, 0.0},
          ReleaseEvent{6.0, 3},
          ControlEvent{1000.0, parse_control({{"bpm", 93.7}, {"key", "C"}})},
          NoteEvent{3000.0, 6, "my-own", 64.0, 0.25, 10.0, 0.0},
          EndEvent{3605.25}};
}

}  // namespace

TEST_CASE("A note's time follows every tempo change before it") {
  // A quarter at 120, then one at 60, then a quarter's note.
  const MidiSong song = read(bytes(
      {0x83, 0x60, 0xff, 0x51, 3, 0x0f, 0x42, 0x40, 0x83, 0x60, 0x90, 60, 127, 0x83, 0x60, 0x80, 60, 0}));
  REQUIRE(song.notes.size() == 1);
  CHECK(song.notes[0].t == doctest::Approx(1.5));
  CHECK(song.notes[0].dur == doctest::Approx(1.0));
  CHECK(song.bpm == doctest::Approx(60.0));
  CHECK(song.duration_s == doctest::Approx(2.5));
}

TEST_CASE("SMPTE time counts frames, those of 29.97 a second included, and passes tempo over") {
  const std::string body = bytes({0, 0xff, 0x51, 3, 1, 0, 0, 0x8f, 0x50, 0x90, 60, 100, 1, 0x80, 60, 0});
  CHECK(read(body, 0xe728).notes[0].t == doctest::Approx(2000.0 / (25 * 40)));
  CHECK(read(body, 0xe328).notes[0].t == doctest::Approx(2000.0 / (30000.0 / 1001.0 * 40)));
}

TEST_CASE("Running status holds over channel events, and velocity 0 ends a note") {
  const MidiSong song = read(bytes({0, 0x90, 60, 100, 0x60, 60, 0, 0, 64, 50, 0x60, 64, 0}));
  REQUIRE(song.notes.size() == 2);
  CHECK(song.notes[0].dur == doctest::Approx(0.1));
  CHECK(song.notes[1].t == doctest::Approx(0.1));
  CHECK(song.notes[1].dur == doctest::Approx(0.1));
}

TEST_CASE("Running status goes on after a meta event, as some files have it") {
  CHECK(read(bytes({0, 0x90, 60, 100, 0, 0xff, 1, 1, 'x', 0x60, 60, 0})).notes[0].dur ==
        doctest::Approx(0.1));
}

TEST_CASE("The sustain pedal holds notes until it is lifted, and a key struck again under it sounds once") {
  const MidiSong song =
      read(bytes({0,  0xb0, 64,   127, 0, 0x90, 60,   100,  0x60, 0x80, 60,   0,    0x83, 0x60, 0x90, 60,
                  90, 0x60, 0x80, 60,  0, 0x83, 0x60, 0xb0, 64,   0,    0x83, 0x60, 0x90, 62,   1}));
  REQUIRE(song.notes.size() == 3);
  CHECK(song.notes[0].dur == doctest::Approx(576 / 960.0));
  CHECK(song.notes[1].dur == doctest::Approx(576 / 960.0));
  CHECK(song.notes[2].dur == doctest::Approx(0.0));  // never ended: it ends with the song
}

TEST_CASE("Pitch bend moves a note's pitch by the range that was set, percussion's never") {
  const std::string bend_up = bytes({0, 0xe0, 0x7f, 0x7f});
  const std::string range_12 = bytes({0, 0xb0, 101, 0, 0, 0xb0, 100, 0, 0, 0xb0, 6, 12});
  CHECK(read(bend_up + a_note).notes[0].pitch == doctest::Approx(62.0).epsilon(1e-4));
  CHECK(read(range_12 + bend_up + a_note).notes[0].pitch == doctest::Approx(72.0).epsilon(1e-4));
  CHECK(read(bytes({0, 0xe9, 0, 0, 0, 0x99, 40, 100, 9, 0x89, 40, 0})).notes[0].pitch == 40.0);
}

TEST_CASE("Volume and expression scale the velocity; pan and program are those at the onset") {
  const MidiSong song =
      read(bytes({0, 0xb0, 7, 50, 0, 0xb0, 10, 127, 0, 0xc0, 14}) + a_note + bytes({0, 0xb0, 10, 0}));
  CHECK(song.notes[0].vel == doctest::Approx(100 / 127.0 / 2.0));
  CHECK(song.notes[0].pan == 1.0);
  CHECK(song.notes[0].program == 14);
}

TEST_CASE("Sysex, unknown metas and unknown chunks are skipped") {
  const std::string body =
      bytes({0, 0xf0, 3, 1, 2, 0xf7, 0, 0xf7, 1, 5, 0, 0xff, 0x70, 2, 9, 9, 0, 0xff, 3, 3}) + "Pad" + a_note;
  const MidiSong song = read_midi(header(1, 1) + "XXXX" + number(3, 4) + "abc" + track(body), "song.mid");
  CHECK(song.notes.size() == 1);
  CHECK(song.track_names[0] == "Pad");
  CHECK(song.warnings.empty());
}

TEST_CASE("Tracks sound together") {
  const std::string later = bytes({0x60}) + a_note.substr(1);
  const MidiSong song = read_midi(header(1, 2) + track(a_note) + track(later), "song.mid");
  REQUIRE(song.notes.size() == 2);
  CHECK(song.notes[0].track == 0);
  CHECK(song.notes[1].track == 1);
  CHECK(song.notes[1].t == doctest::Approx(0.1));
}

TEST_CASE("Bars follow the metre") {
  // Two bars of three quarters, then 4/4.
  const MidiSong song = read(bytes({0, 0xff, 0x58, 4, 3,    2,    24,   8,  0x96, 0x40, 0xff, 0x58, 4,
                                    4, 2,    24,   8, 0x8f, 0x00, 0x90, 60, 1,    0,    0x80, 60,   0}));
  REQUIRE(song.bar_lines.size() == 4);
  CHECK(song.bar_lines[1] == doctest::Approx(1.5));
  CHECK(song.bar_lines[2] == doctest::Approx(3.0));
  CHECK(song.bar_lines[3] == doctest::Approx(5.0));
}

TEST_CASE("A broken file is refused with the byte and what was expected") {
  check_begins(refusal("RIFF"), "song.mid: byte 0: not a MIDI file, expected \"MThd\"");
  check_begins(refusal("MThd"), "song.mid: byte 4: the data ends here");
  check_begins(refusal(header(2, 1) + track(a_note)), "song.mid: byte 8: a type 2 file");
  check_begins(refusal(header(7, 1) + track(a_note)), "song.mid: byte 8: type 7, expected 0 or 1");
  check_begins(refusal(header(0, 1, 0) + track(a_note)), "song.mid: byte 12: 0 ticks a quarter note");
  check_begins(refusal(header(0, 1, 0xff01) + track(a_note)),
               "song.mid: byte 12: an SMPTE division of 1 frames");
  check_begins(refusal(header(0, 1)), "song.mid: byte 14: no track");
  check_begins(refusal(header(0, 1) + track("")), "song.mid: byte 26: no notes");
  check_begins(refusal(header(0, 1) + track(bytes({0, 60, 60}))),
               "song.mid: byte 23: a data byte with no status before it");
  check_begins(refusal(header(0, 1) + track(bytes({0, 0xf4, 60}))),
               "song.mid: byte 23: a status byte that no file");
  check_begins(refusal(header(0, 1) + track(bytes({0, 0x90, 0x90, 60}))),
               "song.mid: byte 24: a status byte, expected");
  check_begins(refusal(header(0, 1) + track(bytes({0xff, 0xff, 0xff, 0xff, 1}))),
               "song.mid: byte 22: a number longer than four bytes");
  std::string slow;
  for (int i = 0; i < 9; ++i) slow += bytes({0xff, 0xff, 0xff, 0x7f, 0xb0, 1, 0});
  check_begins(refusal(header(0, 1) + track(slow + a_note)),
               "song.mid: byte 40: an event after more than seven days");
}

TEST_CASE("What is sound of a broken file is played, with a warning that names the byte") {
  const std::string broken = header(1, 2) + track(a_note) + track(a_note + bytes({0, 0xf5}));
  const MidiSong song = read_midi(broken, "song.mid");
  CHECK(song.notes.size() == 2);
  REQUIRE(song.warnings.size() == 1);
  check_begins(song.warnings[0], "song.mid: byte 53: a status byte that no file may hold");

  const std::string whole = header(0, 1) + track(a_note);
  const MidiSong cut = read_midi(whole.substr(0, whole.size() - 6), "song.mid");
  CHECK(cut.notes.size() == 1);
  CHECK(cut.warnings.size() == 2);
}

TEST_CASE("What is written reads back: times within a tick, lengths, pitches, layers, chords") {
  const MidiSong song = read_midi(midi_from_events(piece()), "song.mid");
  CHECK(song.warnings.empty());
  CHECK(song.duration_s == doctest::Approx(3605.25).epsilon(1e-6));
  CHECK(song.bpm == doctest::Approx(47.0).epsilon(1e-6));
  CHECK(song.key == "Db");  // dorian on Eb has the five flats of Db
  CHECK(song.track_names == std::vector<std::string>{"focus", "drone", "lead", "pad", "my-own"});
  REQUIRE(song.markers.size() == 1);
  CHECK(song.markers[0].text == "Ebm9");

  struct Expected {
    std::string layer;
    double t, dur, pitch, vel, pan;
  };
  // The released note ends at its release, and a key struck again ends the note before. A note alone keeps its
  // pitch and place; one that begins under it is within the half semitone that the other is bent.
  const std::vector<Expected> expected{{"drone", 0, 3600, 39, 0.5, 0}, {"lead", 1, 2, 70.5, 0.8, -0.5},
                                       {"lead", 2, 4, 72, 0.8, -0.5},  {"pad", 4, 1, 60, 1, 0},
                                       {"pad", 5, 4, 60, 0.5, 0},      {"my-own", 3000, 10, 64, 0.25, 0}};
  REQUIRE(song.notes.size() == expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    INFO(i);
    const MidiNote& note = song.notes[i];
    CHECK(song.track_names[static_cast<size_t>(note.track)] == expected[i].layer);
    CHECK(std::abs(note.t - expected[i].t) < 2e-3);
    CHECK(std::abs(note.dur - expected[i].dur) < 4e-3);
    CHECK(std::abs(note.vel - expected[i].vel) <= 0.5 / 127 + 1e-9);
    CHECK(std::abs(note.pan - expected[i].pan) <= 0.5 / 63 + 1e-9);
    CHECK(std::abs(note.pitch - expected[i].pitch) <= (i == 2 ? 0.5 : 0.0) + 1e-3);
  }
}

TEST_CASE("A layer is chosen by channel, track name, drum, program and family, in this order") {
  MidiNote note;
  note.channel = 2;
  note.program = 46;  // harp: strings
  MidiLayers layers;
  CHECK(layers.layer_of(note, "") == "pad");
  CHECK(layers.layer_of(note, "bells") == "bells");
  CHECK(layers.layer_of(note, "Bells") == "pad");
  layers.programs[47] = "lead";
  CHECK(layers.layer_of(note, "") == "lead");
  layers.channels[3] = "texture";
  CHECK(layers.layer_of(note, "bells") == "texture");
  note.channel = 9;
  for (const auto& [key, layer] :
       {std::pair(36, "low"), std::pair(42, "brush"), std::pair(81, "bells"), std::pair(49, "swell")}) {
    note.key = key;
    CHECK(layers.layer_of(note, "") == layer);
  }
}

TEST_CASE("A preset maps channels and programs to layers, and says so when it is shown") {
  const std::string yaml = "midi:\n  channels: {1: bells}\n  programs: {5: drone, 128: low}\n";
  const Preset preset = parse_preset(yaml, "mine.yaml");
  CHECK(preset.midi.channels == std::map<int, std::string>{{1, "bells"}});
  CHECK(preset.midi.programs == std::map<int, std::string>{{5, "drone"}, {128, "low"}});
  CHECK(parse_preset(preset_yaml(preset), "mine.yaml").midi == preset.midi);
  const auto refused = [](const std::string& text) {
    return test::refusal([&] { parse_preset(text, "mine.yaml"); });
  };
  check_begins(refused("midi:\n  channels: {17: pad}"),
               "mine.yaml:2: midi.channels.17, expected a number from 1 to 16");
  CHECK(refused("midi:\n  programs: {5: dron}").find("drone") != std::string::npos);
  CHECK(refused("midi:\n  chanels: {5: drone}").find("channels") != std::string::npos);
}

TEST_CASE("A MIDI file plays as a whole stream with the preset's sounds for the layers it uses") {
  Preset preset = parse_preset("key: G\nmode: lydian\nmidi: {channels: {1: bells}}", "mine.yaml");
  const std::string file = header(0, 1) + track(bytes({0, 0xff, 0x51, 3, 4, 0x93, 0xe0}) + a_note);
  const std::vector<Event> events = events_from_midi(file, preset, "song.mid");
  REQUIRE(events.size() == 5);
  const auto& start = std::get<StartEvent>(events[0]);
  CHECK(start.bpm == doctest::Approx(100.0));  // 200, an octave down
  CHECK(start.key == "G");
  CHECK(std::get<PatchEvent>(events[1]).layer == "master");
  CHECK(std::get<PatchEvent>(events[2]).layer == "bells");
  CHECK(std::get<Patch>(std::get<PatchEvent>(events[2]).params) == preset.layer(Layer::bells).sound);
  CHECK(std::get<NoteEvent>(events[3]).layer == "bells");
  CHECK(std::get<NoteEvent>(events[3]).dur == doctest::Approx(0.3));
  CHECK(std::get<EndEvent>(events[4]).t > 0.3);
}
