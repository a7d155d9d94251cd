// SPDX-License-Identifier: MIT
#include "compose/midi/midi_player.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "compose/midi/midi_file.h"
#include "compose/midi/midi_limits.h"
#include "model/units.h"
#include "refusal.h"
#include "tiny_midi.h"

using namespace auralis;
using Kind = MidiMove::Kind;
using test::TinyTrack;

namespace {

MidiSong read(const TinyTrack& track) { return read_midi(track.file(), "song.mid"); }

struct Span {
  int key;
  double from, to;
};
std::vector<Span> spans(const MidiSong& song) {
  std::vector<Span> all;
  for (const MidiNote& note : song.notes) all.push_back({note.key, note.t, note.t + note.dur});
  return all;
}

void check_spans(const TinyTrack& track, const std::vector<Span>& expected) {
  const std::vector<Span> found = spans(read(track));
  REQUIRE(found.size() == expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    CAPTURE(i);
    CHECK(found[i].key == expected[i].key);
    CHECK(found[i].from == doctest::Approx(expected[i].from));
    CHECK(found[i].to == doctest::Approx(expected[i].to));
  }
}

// The last value of a kind that part 0 was told at or before t.
double moved(const MidiSong& song, Kind kind, double t) {
  double value = 0.0;
  for (const MidiMove& move : song.moves) {
    if (move.kind == kind && move.part == 0 && move.t <= t + 1e-9) value = move.value;
  }
  return value;
}

std::string sysex(const std::string& body) {
  return test::bytes({0xf0}) + test::variable_length(static_cast<unsigned>(body.size() + 1)) + body + "\xf7";
}

}  // namespace

TEST_CASE("The sostenuto pedal holds what is down when it is pressed, and nothing else") {
  check_spans(TinyTrack()
                  .at(0, {0x90, 60, 100})
                  .at(0.5, {0xb0, 66, 127})
                  .at(1, {0x90, 64, 100})
                  .at(1.5, {0x80, 60, 0})
                  .at(2, {0x80, 64, 0})
                  .at(3, {0xb0, 66, 0})
                  .note(3, 4, 72),
              {{60, 0, 3}, {64, 1, 2}, {72, 3, 4}});
}

TEST_CASE("What both pedals hold ends with the last of them") {
  TinyTrack track;
  track.at(0, {0x90, 60, 100}).at(0.5, {0xb0, 66, 127}).at(0.5, {0xb0, 64, 127}).at(1, {0x80, 60, 0});
  TinyTrack sustain_first = track;
  check_spans(sustain_first.at(2, {0xb0, 64, 0}).at(3, {0xb0, 66, 0}).note(3, 4, 72),
              {{60, 0, 3}, {72, 3, 4}});
  check_spans(track.at(2, {0xb0, 66, 0}).at(3, {0xb0, 64, 0}).note(3, 4, 72), {{60, 0, 3}, {72, 3, 4}});
}

TEST_CASE("All Notes Off, and what means it too, lifts the keys; the pedals go on holding") {
  for (const int controller : {123, 124, 125, 126, 127}) {
    CAPTURE(controller);
    check_spans(TinyTrack()
                    .at(0, {0x90, 60, 100})
                    .at(1, {0xb0, controller, 0})
                    .at(2, {0xb0, 64, 127})
                    .at(2, {0x90, 62, 100})
                    .at(3, {0xb0, controller, 0})
                    .at(4, {0xb0, 64, 0})
                    .note(4, 5, 72),
                {{60, 0, 1}, {62, 2, 4}, {72, 4, 5}});
  }
}

TEST_CASE("All Sound Off ends what the pedals hold, too") {
  const MidiSong song = read(TinyTrack()
                                 .at(0, {0xb0, 64, 127})
                                 .note(0, 1, 60)
                                 .at(1, {0x90, 62, 100})
                                 .at(2, {0xb0, 120, 0})
                                 .note(3, 4, 72));
  CHECK(song.notes[0].dur == doctest::Approx(2.0));
  CHECK(song.notes[1].dur == doctest::Approx(1.0));
  REQUIRE(song.moves.size() == 1);
  CHECK(song.moves[0].kind == Kind::silence);
  CHECK(song.moves[0].t == doctest::Approx(2.0));
}

TEST_CASE("A mono channel sounds one note, and goes back to the key that is still down") {
  check_spans(TinyTrack()
                  .at(0, {0xb0, 126, 1})
                  .at(0, {0x90, 60, 100})
                  .at(1, {0x90, 64, 100})
                  .at(2, {0x80, 64, 0})
                  .at(3, {0x80, 60, 0})
                  .at(4, {0xb0, 127, 0})
                  .at(4, {0x90, 60, 100})
                  .at(5, {0x90, 64, 100})
                  .at(6, {0x80, 64, 0})
                  .at(7, {0x80, 60, 0}),
              {{60, 0, 1}, {64, 1, 2}, {60, 2, 3}, {60, 4, 7}, {64, 5, 6}});
}

TEST_CASE("Reset All Controllers leaves volume, pan, program and tuning as they are (RP-015)") {
  TinyTrack track;
  track.at(0, {0xb0, 7, 50, 0, 10, 127, 0, 11, 10, 0, 1, 100, 0, 64, 127, 0, 101, 0, 0, 100, 2, 0, 6, 66});
  track.at(0, {0xe0, 0x7f, 0x7f, 0, 0x90, 60, 100}).at(0.5, {0x80, 60, 0}).at(1, {0xb0, 121, 0});
  track.at(1, {0xb0, 6, 70});  // no parameter is selected any more
  const MidiSong song = read(track.note(2, 3, 62));
  CHECK(moved(song, Kind::tune_st, 0.9) == doctest::Approx(4.0));
  CHECK(moved(song, Kind::tune_st, 1.0) == doctest::Approx(2.0));
  CHECK(moved(song, Kind::vibrato_cents, 0.9) > 0.0);
  CHECK(moved(song, Kind::vibrato_cents, 1.0) == 0.0);
  CHECK(moved(song, Kind::level_db, 1.0) == doctest::Approx(40.0 * std::log10(0.5)));
  CHECK(moved(song, Kind::pan, 1.0) == 1.0);
  CHECK(song.notes[0].dur == doctest::Approx(1.0));  // the pedal is up
}

TEST_CASE("A reset of a General MIDI, GS or XG instrument sets every channel as at first") {
  for (const std::string& body :
       {std::string("\x7e\x7f\x09\x01"), std::string("\x41\x10\x42\x12\x40\x00\x7f\x00\x41", 9),
        std::string("\x43\x10\x4c\x00\x00\x7e\x00", 7)}) {
    const MidiSong song = read(TinyTrack()
                                   .at(0, {0xb0, 7, 0, 0, 10, 0, 0, 0xe0, 0, 0})
                                   .at(0, {0x90, 60, 100})
                                   .at(1, sysex(body))
                                   .note(1, 2, 60));
    CHECK(moved(song, Kind::level_db, 0.5) == silence_db);
    CHECK(moved(song, Kind::tune_st, 0.5) == doctest::Approx(-2.0));
    CHECK(moved(song, Kind::level_db, 1.0) == 0.0);
    CHECK(moved(song, Kind::pan, 1.0) == 0.0);
    CHECK(moved(song, Kind::tune_st, 1.0) == 0.0);
    CHECK(song.notes[0].dur == doctest::Approx(1.0));
  }
}

TEST_CASE("A drum part is where a file puts it: by part mode of GS or XG, or by a bank of drums") {
  const auto is_drum = [](int channel, std::initializer_list<std::string> before) {
    TinyTrack track;
    for (const std::string& event : before) track.at(0, event);
    const MidiSong song = read(track.note(1, 2, 60, channel));
    REQUIRE(song.notes.size() == 1);
    return song.notes[0].percussion;
  };
  const auto gs_mode = [](int part, int mode) {
    return sysex(test::bytes({0x41, 0x10, 0x42, 0x12, 0x40, 0x10 | part, 0x15, mode, 0x00}));
  };
  const auto xg_mode = [](int part, int mode) {
    return sysex(test::bytes({0x43, 0x10, 0x4c, 0x08, part, 0x07, mode}));
  };
  const auto bank = [](int channel, int number) { return test::bytes({0xb0 | channel, 0, number}); };
  const auto program = [](int channel) { return test::bytes({0xc0 | channel, 0}); };
  const std::string gs_reset = sysex(test::bytes({0x41, 0x10, 0x42, 0x12, 0x40, 0x00, 0x7f, 0x00, 0x41}));
  CHECK(is_drum(9, {}));
  CHECK_FALSE(is_drum(10, {}));
  CHECK(is_drum(10, {gs_mode(10, 1)}));
  CHECK(is_drum(0, {gs_mode(1, 2)}));
  CHECK_FALSE(is_drum(9, {gs_mode(0, 0)}));
  CHECK(is_drum(10, {xg_mode(10, 1)}));
  CHECK_FALSE(is_drum(9, {xg_mode(9, 0)}));
  for (const int drums : {120, 126, 127}) {
    CHECK(is_drum(3, {bank(3, drums), program(3)}));
    CHECK_FALSE(is_drum(3, {bank(3, drums)}));  // only with the program
    CHECK_FALSE(is_drum(3, {gs_reset, bank(3, drums), program(3)}));
    CHECK_FALSE(is_drum(3, {bank(3, drums), program(3), bank(3, 0), program(3)}));
    CHECK(is_drum(9, {bank(9, drums), program(9), bank(9, 0), program(9)}));
  }
  CHECK_FALSE(is_drum(9, {bank(9, 121), program(9)}));
  CHECK(is_drum(10, {gs_mode(10, 1), bank(10, 0), program(10)}));
  CHECK_FALSE(is_drum(10, {gs_mode(10, 1), gs_reset}));
}

TEST_CASE("The master volume lowers every channel") {
  const MidiSong song = read(
      TinyTrack().note(0, 1, 60).at(1, sysex(std::string("\x7f\x7f\x04\x01\x00\x40", 6))).note(1, 2, 60));
  CHECK(moved(song, Kind::level_db, 0.5) == 0.0);
  CHECK(moved(song, Kind::level_db, 1.0) == doctest::Approx(40.0 * std::log10(8192.0 / 16383.0)));
}

TEST_CASE("The master tuning moves every channel but percussion's, on top of its own") {
  const std::string fine = sysex(std::string("\x7f\x7f\x04\x03\x00\x60", 6));
  const std::string coarse = sysex(std::string("\x7f\x7f\x04\x04\x00\x3d", 6));
  const MidiSong song = read(TinyTrack()
                                 .note(0, 1, 60)
                                 .at(1, fine)
                                 .note(1, 2, 60)
                                 .at(2, coarse)
                                 .at(2, {0xe0, 0x7f, 0x7f})
                                 .note(2, 3, 60)
                                 .note(3, 4, 40, 9));
  CHECK(moved(song, Kind::tune_st, 0.5) == 0.0);
  CHECK(moved(song, Kind::tune_st, 1.0) == doctest::Approx(0.5));
  CHECK(moved(song, Kind::tune_st, 2.0) == doctest::Approx(0.5 - 3.0 + 2.0));
  CHECK(song.notes[3].pitch == 40.0);
}

TEST_CASE("Percussion is not bent") {
  const MidiSong song = read(TinyTrack().at(0, {0xe9, 0, 0}).note(0, 1, 40, 9));
  CHECK(song.notes[0].pitch == 40.0);
  CHECK(song.moves.empty());
}

TEST_CASE("Each port has channels of its own; beyond the sixteenth they are the sixteenth's") {
  const auto on_port = [](int port, int key) {
    return test::track(test::bytes({0, 0xff, 0x21, 1, port}) + TinyTrack().note(0, 1, key).body());
  };
  const MidiSong song =
      read_midi(test::header(1, 3) + on_port(0, 60) + on_port(1, 62) + on_port(99, 64), "song.mid");
  REQUIRE(song.notes.size() == 3);
  CHECK(song.notes[0].port == 0);
  CHECK(song.notes[1].port == 1);
  CHECK(song.notes[2].port == most_midi_ports - 1);
  REQUIRE(song.warnings.size() == 1);
  test::check_begins(song.warnings[0], "song.mid: 1 fault is passed over: 1 port beyond the sixteenth");
}

TEST_CASE("However many notes are held at once, each ends when it should") {
  std::string body;
  const int count = 100'000;
  for (int i = 0; i < count; ++i) body += test::bytes({0, 0x90, i % 128, 1});
  body += test::bytes({0x60});
  for (int i = 0; i < count; ++i) body += (i == 0 ? "" : test::bytes({0})) + test::bytes({0x80, i % 128, 0});
  const MidiSong song = read_midi(test::header(0, 1) + test::track(body), "song.mid");
  REQUIRE(song.notes.size() == static_cast<size_t>(count));
  for (const MidiNote& note : song.notes) REQUIRE(note.dur == doctest::Approx(0.1));
}

TEST_CASE("More notes than a file may have are refused") {
  std::string body;
  for (size_t i = 0; i <= most_midi_notes; ++i) body += test::bytes({0, 0x90, 60, 1});
  test::check_begins(test::refusal([&] { read_midi(test::header(0, 1) + test::track(body), "song.mid"); }),
                     "song.mid: byte 4000023: more than 1000000 notes, expected fewer");
}
