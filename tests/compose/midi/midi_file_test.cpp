// SPDX-License-Identifier: MIT
#include "compose/midi/midi_file.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "compose/preset/harmony_tables.h"
#include "compose/preset/preset.h"
#include "compose/preset/preset_files.h"
#include "compose/preset/preset_yaml.h"
#include "model/event_stream.h"
#include "model/limits.h"
#include "refusal.h"
#include "tiny_midi.h"

using namespace auralis;
using test::bytes;
using test::check_begins;
using test::header;
using test::number;
using test::track;

namespace {

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

TEST_CASE("The velocity is the key's own, and the program that at the onset") {
  const MidiSong song = read(bytes({0, 0xb0, 7, 50, 0, 0xc0, 14}) + a_note + bytes({0, 0xc0, 15}));
  CHECK(song.notes[0].vel == doctest::Approx(100 / 127.0));
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

TEST_CASE("What cannot be played is refused with the byte and what was expected") {
  check_begins(refusal("RIFF"), "song.mid: byte 0: not a MIDI file, expected \"MThd\"");
  check_begins(refusal("MThd"), "song.mid: byte 4: the header is cut off");
  check_begins(refusal(header(0, 1, 0) + track(a_note)), "song.mid: byte 12: 0 ticks a quarter note");
  check_begins(refusal(header(0, 1, 0xff01) + track(a_note)),
               "song.mid: byte 12: an SMPTE division of 1 frames");
  check_begins(refusal(header(0, 1)), "song.mid: byte 14: no track");
  check_begins(refusal(header(0, 1) + track("")), "song.mid: byte 26: no notes");
  check_begins(refusal(header(0, 1) + track(bytes({0, 60, 60}))),
               "song.mid: byte 23: place where no event begins, and no notes are left");
  std::string slow;
  for (int i = 0; i < 9; ++i) slow += bytes({0xff, 0xff, 0xff, 0x7f, 0xb0, 1, 0});
  check_begins(refusal(header(0, 1) + track(slow + a_note)), "song.mid: byte 40: event too late to be meant");
}

TEST_CASE("What is written reads back: times within a tick, lengths, pitches, layers, chords") {
  const MidiSong song = read_midi(midi_from_events(piece()), "song.mid");
  CHECK(song.warnings.empty());
  const auto placed = std::find_if(song.moves.begin(), song.moves.end(),
                                   [](const MidiMove& move) { return move.kind == MidiMove::Kind::pan; });
  REQUIRE(placed != song.moves.end());
  CHECK(std::abs(placed->t - 1.0) < 2e-3);
  CHECK(std::abs(placed->value + 0.5) <= 0.5 / 63 + 1e-9);
  CHECK(song.duration_s == doctest::Approx(3605.25).epsilon(1e-6));
  CHECK(song.bpm == doctest::Approx(47.0).epsilon(1e-6));
  CHECK(song.key == "Db");  // dorian on Eb has the five flats of Db
  CHECK(song.track_names == std::vector<std::string>{"focus", "drone", "lead", "pad", "my-own"});
  REQUIRE(song.markers.size() == 1);
  CHECK(song.markers[0].text == "Ebm9");

  struct Expected {
    std::string layer;
    double t, dur, pitch, vel;
  };
  // The released note ends at its release, and a key struck again ends the note before. A note alone keeps its
  // pitch; one that begins under it is within the half semitone that the other is bent.
  const std::vector<Expected> expected{{"drone", 0, 3600, 39, 0.5}, {"lead", 1, 2, 70.5, 0.8},
                                       {"lead", 2, 4, 72, 0.8},     {"pad", 4, 1, 60, 1},
                                       {"pad", 5, 4, 60, 0.5},      {"my-own", 3000, 10, 64, 0.25}};
  REQUIRE(song.notes.size() == expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    INFO(i);
    const MidiNote& note = song.notes[i];
    CHECK(song.track_names[static_cast<size_t>(note.track)] == expected[i].layer);
    CHECK(std::abs(note.t - expected[i].t) < 2e-3);
    CHECK(std::abs(note.dur - expected[i].dur) < 4e-3);
    CHECK(std::abs(note.vel - expected[i].vel) <= 0.5 / 127 + 1e-9);
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
  note.percussion = true;
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
  CHECK(start.bpm.value() == doctest::Approx(100.0));  // 200, an octave down
  CHECK(start.key == "G");
  CHECK(std::get<PatchEvent>(events[1]).layer == "master");
  CHECK(std::get<PatchEvent>(events[2]).layer == "bells");
  CHECK(std::get<Patch>(std::get<PatchEvent>(events[2]).params) == preset.layer(Layer::bells).sound);
  CHECK(std::get<NoteEvent>(events[3]).layer == "bells");
  CHECK(std::get<NoteEvent>(events[3]).dur == doctest::Approx(0.3));
  CHECK(std::get<EndEvent>(events[4]).t > 0.3);
}

TEST_CASE(
    "Channels that play one layer of the preset play layers of their own, and a channel's moves are all of "
    "its") {
  const Preset preset = parse_preset("key: C\nmode: ionian", "mine.yaml");
  // Two channels of one program; the first changes to another in the middle, and bends both.
  const std::string file =
      header(0, 1) +
      track(bytes({0,    0x90, 60,   100,  0,    0x91, 62, 100, 0x60, 0xc0, 48, 0, 0x90, 64, 100, 0x60,
                   0xe0, 0,    0x60, 0x60, 0x80, 60,   0,  0,   0x80, 64,   0,  0, 0x81, 62, 0}));
  const std::vector<Event> events = events_from_midi(file, preset, "song.mid");
  std::vector<std::string> patched;
  std::vector<std::string> played;
  std::vector<std::string> bent;
  for (const Event& event : events) {
    if (const auto* patch = std::get_if<PatchEvent>(&event)) patched.push_back(patch->layer);
    if (const auto* note = std::get_if<NoteEvent>(&event)) played.push_back(note->layer);
    if (const auto* change = std::get_if<ChangeEvent>(&event)) {
      bent.push_back(change->layer);
      CHECK(std::get<VoiceParam>(change->param) == VoiceParam::tune_st);
      CHECK(change->value == doctest::Approx(1.0).epsilon(1e-3));
      CHECK(change->t == doctest::Approx(0.2));
    }
  }
  CHECK(patched == std::vector<std::string>{"master", "pad", "lead-ch1", "lead-ch2"});
  CHECK(played == std::vector<std::string>{"lead-ch1", "lead-ch2", "pad"});
  CHECK(std::is_permutation(bent.begin(), bent.end(), std::vector<std::string>{"lead-ch1", "pad"}.begin()));
}

TEST_CASE(
    "However many channels and ports a MIDI file has, the stream made of it has no more layers than one "
    "may") {
  std::string file = header(1, 16);
  for (int port = 0; port < 16; ++port) {
    std::string body = bytes({0, 0xff, 0x21, 1, port});
    for (int channel = 0; channel < 16; ++channel) {
      body += bytes({0, 0xc0 | channel, (channel + port) % 128, 0, 0x90 | channel, 60, 100});
      body += bytes({0x60, 0x80 | channel, 60, 0});
    }
    file += track(body);
  }
  EventReader reader("<made>");  // refuses a layer too many
  std::set<std::string> layers;
  size_t notes = 0;
  for (const Event& event :
       events_from_midi(file, parse_preset("key: C\nmode: ionian", "mine.yaml"), "song.mid")) {
    reader.feed(to_line(event), [&](Event&& read) {
      if (const auto* note = std::get_if<NoteEvent>(&read)) {
        layers.insert(note->layer);
        ++notes;
      }
    });
  }
  CHECK(notes == 256);
  CHECK(layers.size() > limits::layers / 2);
  CHECK(layers.size() <= limits::layers);
}

TEST_CASE("A rest of days is one in the stream, too, which may pass over one day at a time") {
  const unsigned ticks = 3 * 86400 * 960;  // of three days
  const std::string file = header(0, 1) + track(a_note + test::variable_length(ticks) + a_note.substr(1));
  EventReader reader("<made>");
  std::vector<double> onsets;
  for (const Event& event :
       events_from_midi(file, parse_preset("key: C\nmode: ionian", "mine.yaml"), "song.mid")) {
    reader.feed(to_line(event), [&](Event&& read) {
      if (const auto* note = std::get_if<NoteEvent>(&read)) onsets.push_back(note->t);
    });
  }
  REQUIRE(onsets.size() == 2);
  CHECK(onsets[1] > 3 * 86400.0);
}

TEST_CASE("What a channel is told before its first note is in its patch") {
  Preset preset = parse_preset("key: C\nmode: ionian", "mine.yaml");
  const std::string file = header(0, 1) + track(bytes({0, 0xb0, 7, 0, 0, 0xb0, 10, 127}) + a_note);
  for (const Event& event : events_from_midi(file, preset, "song.mid")) {
    CHECK_FALSE(std::holds_alternative<ChangeEvent>(event));
    const auto* patch = std::get_if<PatchEvent>(&event);
    if (patch == nullptr || patch->layer == master_layer) continue;
    CHECK(std::get<Patch>(patch->params)[VoiceParam::trim_db] == -60.0F);
    CHECK(std::get<Patch>(patch->params)[VoiceParam::pan] == 1.0F);
  }
}

TEST_CASE("Silence behind the last note is kept, but not for long") {
  const auto length_s = [](int ticks) {
    return read(a_note +
                bytes({0x80 | (ticks >> 14 & 0x7f), 0x80 | (ticks >> 7 & 0x7f), ticks & 0x7f, 0xff, 1, 0}))
        .duration_s;
  };
  CHECK(length_s(960) == doctest::Approx(1.5));
  CHECK(length_s(960 * 3600 / 2) == doctest::Approx(10.5));
}
