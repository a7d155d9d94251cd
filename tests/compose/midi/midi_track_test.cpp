// SPDX-License-Identifier: MIT
// Files that are broken and play in an ordinary player all the same.
#include "compose/midi/midi_track.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "compose/midi/midi_container.h"
#include "compose/midi/midi_file.h"
#include "compose/midi/midi_limits.h"
#include "refusal.h"
#include "tiny_midi.h"

using namespace auralis;
using test::bytes;
using test::chunk;
using test::end_of_track;
using test::header;
using test::TinyTrack;
using test::track;

namespace {

// Two notes, a half second each: what every file here plays.
const std::string first_note = bytes({0, 0x90, 60, 100, 0x83, 0x60, 0x80, 60, 64});
const std::string second_note = bytes({0, 0x90, 64, 100, 0x83, 0x60, 0x80, 64, 64});
const std::string whole = header(0, 1) + track(first_note + second_note);

std::string warning_of(const std::string& file,
                       const std::vector<std::pair<int, double>>& expected = {{60, 0.0}, {64, 0.5}}) {
  const MidiSong song = read_midi(file, "song.mid");
  REQUIRE(song.notes.size() == expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    CHECK(song.notes[i].key == expected[i].first);
    CHECK(song.notes[i].t == doctest::Approx(expected[i].second));
    CHECK(song.notes[i].dur == doctest::Approx(0.5));
  }
  CHECK(song.warnings.size() <= 1);
  return song.warnings.empty() ? "" : song.warnings[0];
}

std::string little(size_t value) {
  std::string out = test::number(value, 4);
  return {out.rbegin(), out.rend()};
}

std::string riff(const std::string& body) { return "RIFF" + little(body.size() + 4) + "RMID" + body; }

}  // namespace

TEST_CASE("A file in a RIFF plays as the file inside") {
  CHECK(warning_of(whole) == "");
  CHECK(warning_of(riff("data" + little(whole.size()) + whole)) == "");
  CHECK(warning_of(riff("LIST" + little(3) + "abc" + bytes({0}) + "data" + little(whole.size()) + whole +
                        "DLS " + little(4) + "1234")) == "");
  CHECK(warning_of(riff("data" + little(0) + whole)) == "");
  CHECK_FALSE(is_midi(riff("WAVE").replace(8, 4, "WAVE")));
  test::check_begins(test::refusal([] { read_midi(riff("LIST" + little(0)), "song.rmi"); }),
                     "song.rmi: byte 0: not a MIDI file");
}

TEST_CASE("A file behind a MacBinary head plays") {
  std::string head(128, '\0');
  head[1] = 4;
  head.replace(2, 4, "Song").replace(65, 4, "Midi");
  CHECK(warning_of(head + whole) == "");
}

TEST_CASE("A MIDI file is told from its first bytes, however few come at once") {
  std::string head(128, '\0');
  head[1] = 4;
  for (const std::string& file : {whole, riff("data" + little(whole.size()) + whole), head + whole}) {
    size_t enough = 1;
    while (!begins_midi(file.substr(0, enough))) ++enough;
    CHECK(begins_midi(file.substr(0, enough)) == true);
    CHECK(enough <= 132);
  }
  CHECK(begins_midi("{") == false);
  CHECK(begins_midi("MThx") == false);
  CHECK(begins_midi("RIFF1234WAVE") == false);
  CHECK(begins_midi(std::string(2, '\0')) == false);
}

TEST_CASE(
    "The patterns of a type 2 file play one after the other, each at its own tempo or that of the one "
    "before") {
  const std::string slow = bytes({0, 0xff, 0x51, 3, 0x0f, 0x42, 0x40});  // a quarter a second
  const std::string file =
      header(2, 3) + track(first_note + second_note) + track(slow + first_note) + track(second_note);
  const MidiSong song = read_midi(file, "song.mid");
  REQUIRE(song.notes.size() == 4);
  CHECK(song.notes[2].t == doctest::Approx(1.0));
  CHECK(song.notes[2].dur == doctest::Approx(1.0));
  CHECK(song.notes[3].t == doctest::Approx(2.0));
  CHECK(song.notes[3].dur == doctest::Approx(1.0));
  CHECK(song.warnings.empty());
  std::string one = whole;
  one[9] = 2;
  CHECK(warning_of(one) == "");
}

TEST_CASE("Data bytes above 127 are taken as 127, and counted") {
  const std::string volume = bytes({0, 0xb0, 7, 0xff});
  CHECK(warning_of(header(0, 1) + track(first_note + volume + second_note)) ==
        "song.mid: 1 fault is passed over: 1 data byte above 127 (at byte 34; taken as 127, a key or "
        "controller left out)");
  const MidiSong song = read_midi(
      header(0, 1) + track(bytes({0, 0x90, 60, 0x80, 0, 0x90, 0xe0, 1, 0x60, 0x80, 60, 0xff})), "song.mid");
  REQUIRE(song.notes.size() == 1);
  CHECK(song.notes[0].vel == 1.0);
  CHECK(song.notes[0].dur == doctest::Approx(0.1));
  REQUIRE(song.warnings.size() == 1);
  test::check_begins(song.warnings[0],
                     "song.mid: 3 faults are passed over: 3 data bytes above 127 (first at byte 25;");
}

TEST_CASE("Stray system bytes are passed over, with the data that they have on the wire") {
  for (const std::string& stray : {bytes({0, 0xf8}), bytes({0, 0xfe}), bytes({0, 0xf6}), bytes({0, 0xf1, 5}),
                                   bytes({0, 0xf2, 5, 6}), bytes({0, 0xf3, 5})}) {
    test::check_begins(warning_of(header(0, 1) + track(first_note + stray + second_note)),
                       "song.mid: 1 fault is passed over: 1 stray system byte (at byte 32;");
  }
}

TEST_CASE("A status byte that has become an undefined one takes its data bytes with it") {
  for (const int broken : {0xf4, 0xf5, 0xf9, 0xfd}) {
    CAPTURE(broken);
    for (const std::string& data : {bytes({}), bytes({64}), bytes({64, 100})}) {
      test::check_begins(
          warning_of(header(0, 1) + track(first_note + bytes({0, broken}) + data + second_note)),
          "song.mid: 1 fault is passed over: 1 stray system byte (at byte 32;");
    }
  }
}

TEST_CASE("Wrong lengths of tracks give way to the events") {
  const std::string body = first_note + second_note + end_of_track;
  for (const size_t length : {size_t{0}, size_t{5}, body.size() - 2, size_t{4000}}) {
    CAPTURE(length);
    test::check_begins(warning_of(header(0, 1) + "MTrk" + test::number(length, 4) + body),
                       "song.mid: 1 fault is passed over: 1 wrong track length (at byte 18;");
  }
  const std::string third = track(TinyTrack().note(1, 1.5, 67, 1).body());
  for (const size_t length : {size_t{0}, body.size() - 3, body.size() + 9, size_t{4000}}) {
    CAPTURE(length);
    test::check_begins(warning_of(header(1, 2) + "MTrk" + test::number(length, 4) + body + third,
                                  {{60, 0.0}, {64, 0.5}, {67, 1.0}}),
                       "song.mid: 1 fault is passed over: 1 wrong track length (at byte 18;");
  }
  CHECK(warning_of(header(0, 1) + chunk(body + bytes({0, 0, 0}))) == "");   // behind the end of track
  CHECK(warning_of(header(0, 1) + chunk(first_note + second_note)) == "");  // and without one
}

TEST_CASE("Where no event begins, reading goes on at the next that does") {
  test::check_begins(
      warning_of(header(0, 1) + track(bytes({0, 40, 0, 0x7f, 0, 0x41, 0xf7}) + first_note + second_note)),
      "song.mid: 1 fault is passed over: 1 place where no event begins (at byte 23;");
  test::check_begins(
      warning_of(header(0, 1) + track(bytes({0xff, 0xff, 0xff, 0xff, 0xff}) + first_note + second_note)),
      "song.mid: 1 fault is passed over: 1 place where no event begins (at byte 22;");
}

TEST_CASE("What is there of a file that is cut off plays, with one warning") {
  test::check_begins(
      warning_of(whole.substr(0, whole.size() - 6)),
      "song.mid: 2 faults are passed over: 1 wrong track length (at byte 18; the events say where a track "
      "ends), 1 event that is cut off (at byte 37;");
}

TEST_CASE("Faults of the header are passed over") {
  test::check_begins(warning_of(header(7, 1) + track(first_note + second_note)),
                     "song.mid: 1 fault is passed over: 1 unknown type (at byte 8;");
  test::check_begins(warning_of(header(1, 9) + track(first_note + second_note)),
                     "song.mid: 1 fault is passed over: 1 number of tracks");
  test::check_begins(warning_of(header(0, 1) + "junk" + track(first_note + second_note)),
                     "song.mid: 1 fault is passed over: 1 stretch between tracks");
  CHECK(warning_of(header(0, 1) + "XFIH" + test::number(3, 4) + "abc" + track(first_note + second_note)) ==
        "");
}

TEST_CASE("A file beyond the limit is refused") {
  test::check_begins(test::refusal([] { read_midi(std::string(most_midi_bytes + 1, 'x'), "song.mid"); }),
                     "song.mid: byte 33554432: more than 32 MiB");
}

TEST_CASE("Behind a fault silences of a minute and more add up to ten minutes at most") {
  const std::string stray = bytes({0, 0xf8});
  const auto behind = [](unsigned rest_s) {
    return test::variable_length(960 * rest_s) + bytes({0x90, 67, 100, 0x60, 0x80, 67, 0});
  };
  const auto notes = [](const std::string& body) {
    return read_midi(header(0, 1) + track(body), "song.mid").notes.size();
  };
  const MidiSong broken = read_midi(header(0, 1) + track(first_note + stray + behind(700)), "song.mid");
  CHECK(broken.notes.size() == 1);
  CHECK(broken.warnings[0].find("1 event too late to be meant (at byte 36") != std::string::npos);
  CHECK(notes(first_note + behind(700)) == 2);
  std::string many;
  std::string short_ones;
  for (int i = 0; i < 12; ++i) {
    many += behind(100);
    short_ones += behind(50);
  }
  CHECK(notes(first_note + many) == 13);
  CHECK(notes(first_note + stray + many) == 1 + 6);
  CHECK(notes(first_note + stray + short_ones) == 13);
}

TEST_CASE("A track whose last event is lost in time does not end the others") {
  const std::string stray = bytes({0, 0xf8});
  const std::string lost = test::variable_length(960 * 700) + bytes({0x91, 67, 100});
  const MidiSong song = read_midi(
      header(1, 2) + track(first_note + stray + lost) + track(first_note + second_note), "song.mid");
  CHECK(song.notes.size() == 3);
  CHECK(song.duration_s == doctest::Approx(1.0));
}

TEST_CASE("A file that was sent as a text, with CR LF for LF, plays as it was") {
  // LF as a length, as a controller, and as data.
  const std::string body =
      bytes({0, 0xff, 3, 10}) + "ten tones\n" + bytes({0, 0xb0, 10, 64}) + first_note + second_note;
  const std::string file = header(0, 1) + track(body);
  std::string sent;
  for (const char byte : file) sent += byte == '\n' ? std::string("\r\n") : std::string(1, byte);
  CHECK(warning_of(file) == "");
  CHECK(warning_of(sent) ==
        "song.mid: 1 fault is passed over: 1 file with CR LF for each LF (at byte 25; read as it was)");
  // One LF alone: it was no text. Then its faults are those of its events.
  CHECK_FALSE(undo_line_ends(sent + "\n"));
  CHECK_FALSE(undo_line_ends(header(0, 1) + track(bytes({0, 0xff, 1, 2}) + "\r\n" + first_note)));
}

TEST_CASE("Behind what is no chunk no more tracks are looked for than the header announces") {
  const std::string other = track(TinyTrack().note(1, 1.5, 67, 1).body());
  const std::string junk = bytes({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(warning_of(whole + junk + other) == "");
  test::check_begins(warning_of(header(1, 2) + track(first_note + second_note) + junk + other,
                                {{60, 0.0}, {64, 0.5}, {67, 1.0}}),
                     "song.mid: 1 fault is passed over: 1 stretch between tracks");
  test::check_begins(warning_of(whole + other, {{60, 0.0}, {64, 0.5}, {67, 1.0}}),
                     "song.mid: 1 fault is passed over: 1 number of tracks");
}

TEST_CASE("A note that nothing ends does not last until an end of track an hour away") {
  const std::string far = test::variable_length(960 * 3600) + bytes({0xff, 1, 0});
  const MidiSong song = read_midi(header(0, 1) + track(bytes({0, 0x90, 60, 100}) + far), "song.mid");
  CHECK(song.notes[0].dur == doctest::Approx(longest_silent_end_s));
}

TEST_CASE("A file that ends within the head of a track is read to its end") {
  CHECK(warning_of(whole + "MTrk" + bytes({0, 0})) == "");
}
