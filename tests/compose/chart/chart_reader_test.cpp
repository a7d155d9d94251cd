// SPDX-License-Identifier: MIT
#include "compose/chart/chart_reader.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "compose/midi/midi_file.h"
#include "compose/midi/midi_limits.h"
#include "refusal.h"
#include "tiny_midi.h"

using namespace auralis;
using test::check_begins;

namespace {

const Scale d_dorian{2, find_mode("dorian")};

std::vector<ChartChord> chart(const std::string& text) {
  return parse_chord_chart(text, "chart.txt", d_dorian);
}

std::string refusal(const std::string& text) {
  return test::refusal([&] { chart(text); });
}

std::vector<int> intervals(const char* symbol) {
  const auto chord = parse_chord_symbol(symbol);
  return chord ? chord->intervals : std::vector<int>{};
}

}  // namespace

TEST_CASE("Chord symbols are read as musicians write them") {
  using Steps = std::vector<int>;
  CHECK(intervals("C") == Steps{0, 4, 7});
  CHECK(intervals("Am") == Steps{0, 3, 7});
  CHECK(intervals("Dm9") == Steps{0, 2, 3, 7, 10});
  CHECK(intervals("G7sus4") == Steps{0, 5, 7, 10});
  CHECK(intervals("Bbmaj7") == Steps{0, 4, 7, 11});
  CHECK(intervals("F#m7b5") == Steps{0, 3, 6, 10});
  CHECK(intervals("Fmaj7#11") == Steps{0, 4, 6, 7, 11});
  CHECK(intervals("Cadd9") == Steps{0, 2, 4, 7});
  CHECK(intervals("Cm(add9)") == Steps{0, 2, 3, 7});
  CHECK(intervals("A5") == Steps{0, 7});
  CHECK(intervals("C6/9") == Steps{0, 2, 4, 7, 9});
  CHECK(intervals("C/E") == Steps{0, 4, 7});
  CHECK(intervals("D/C") == Steps{0, 4, 7, 10});
  CHECK(intervals("Ebquartal") == Steps{0, 5, 10});
  CHECK(intervals("Bdim") == Steps{0, 3, 6});
  CHECK(intervals("C7(b9,#11)") == Steps{0, 1, 4, 6, 7, 10});
  CHECK(parse_chord_symbol("F#m7b5")->root == 6);
  CHECK(parse_chord_symbol("Bbmaj7")->root == 10);
  for (const char* bad : {"", "H", "dm", "Cfoo", "C/", "C/H", "C(add9", "Dm9x", "|", "60"}) {
    INFO(bad);
    CHECK_FALSE(parse_chord_symbol(bad));
  }
}

TEST_CASE("A chart in bars shares each bar among its chords, and % holds") {
  const auto chords = chart("# evening\nbar 40s\n| Dm9 | G7sus4 Am7 |\n| % |\n");
  REQUIRE(chords.size() == 3);
  CHECK(chords[0].chord.name == "Dm9");
  CHECK(chords[0].chord.root == 2);
  CHECK(chords[0].chord.degree == 0);
  CHECK(chords[0].seconds == 40.0);
  CHECK(chords[1].seconds == 20.0);
  CHECK(chords[2].seconds == 60.0);
}

TEST_CASE("A chart in lines gives each chord its length, or leaves it to the preset") {
  const auto chords = chart("Dm9 45s\r\nEm7 1.5m\nFmaj7\n%\n");
  REQUIRE(chords.size() == 4);
  CHECK(chords[0].seconds == 45.0);
  CHECK(chords[1].seconds == 90.0);
  CHECK_FALSE(chords[2].seconds);
  CHECK(chords[3].chord == chords[2].chord);
  CHECK(chart("| C | F |").size() == 2);
  CHECK_FALSE(chart("| C | F |")[0].seconds);
}

TEST_CASE("A chart may begin with a byte order mark") {
  const auto chords = chart(
      "\xef\xbb\xbf"
      "Dm9 10s\r\nG7 10s\r\n");
  REQUIRE(chords.size() == 2);
  CHECK(chords[0].chord.name == "Dm9");
  CHECK(chords[1].chord.name == "G7");
}

TEST_CASE("A chart that cannot be read is refused with its line and what was expected") {
  check_begins(refusal(""), "chart.txt:1: no chords, expected");
  check_begins(refusal("# nothing\n\n"), "chart.txt:3: no chords, expected");
  check_begins(refusal("Dm9\nXm\n"), "chart.txt:2: \"Xm\" is no chord, expected a symbol such as Dm9");
  check_begins(refusal("| Dm9 | what |"), "chart.txt:1: \"what\" is no chord");
  check_begins(refusal("Dm9 0.1s"), "chart.txt:1: \"0.1s\" is no length, expected 0.5s to 60m");
  check_begins(refusal("Dm9 40x"), "chart.txt:1: \"40x\" is no length");
  check_begins(refusal("Dm9 40s 50s"), "chart.txt:1: more than a chord and its length");
  check_begins(refusal("bar\nDm9"), "chart.txt:1: bar without a length");
  check_begins(refusal("%"), "chart.txt:1: \"%\" with no chord before it");
}

TEST_CASE("A MIDI file's chord markers are its harmony") {
  const std::vector<Event> events{StartEvent{"1", "x", "D", "dorian", 60.0, 0.5, "0"},
                                  ChordEvent{0, "Dm9", "i", {50}},
                                  NoteEvent{0, 1, "pad", 50, 0.5, 90, 0},
                                  ChordEvent{30, "G7sus4", "IV", {55}},
                                  ChordEvent{70, "G7sus4", "IV", {55}},
                                  EndEvent{90}};
  const auto chords = harmony_from_midi(midi_from_events(events), "song.mid", d_dorian);
  REQUIRE(chords.size() == 2);
  CHECK(chords[0].chord.name == "Dm9");
  CHECK(*chords[0].seconds == doctest::Approx(30.0).epsilon(1e-4));
  CHECK(*chords[1].seconds == doctest::Approx(60.0).epsilon(1e-4));
}

TEST_CASE("Without markers each bar's notes are named, and equal bars become one chord") {
  std::vector<Event> events{StartEvent{"1", "x", "C", "ionian", 60.0, 0.5, "0"}};
  const auto play = [&](double t, std::initializer_list<double> pitches) {
    for (double pitch : pitches)
      events.emplace_back(NoteEvent{t, events.size(), "pad", pitch, 0.5, 4.0, 0.0});
  };
  play(0, {36, 60, 64, 67});
  play(4, {36, 60, 64, 67});
  play(8, {45, 60, 64, 67});
  play(16, {38, 65, 69, 72, 76});
  events.emplace_back(EndEvent{20});
  const auto chords = harmony_from_midi(midi_from_events(events), "song.mid", {0, find_mode("ionian")});
  REQUIRE(chords.size() == 3);
  CHECK(chords[0].chord.name == "C");
  CHECK(*chords[0].seconds == doctest::Approx(8.0));
  CHECK(chords[1].chord.name == "Am7");
  CHECK(*chords[1].seconds == doctest::Approx(8.0));  // the bar of rest holds it
  CHECK(chords[2].chord.name == "Dm9");
}

TEST_CASE("A MIDI file of more bars than chords are found in is refused") {
  // Bars of 7/256, a tick a quarter: one delta time of 28 bits holds more than any piece.
  const std::string bars = test::bytes({0, 0xff, 0x58, 4, 1, 7, 24, 8, 0, 0xff, 0x51, 3, 0, 0, 1});
  const std::string file =
      test::header(0, 1, 1) + test::track(bars + test::bytes({0, 0x90, 60, 64}) +
                                          test::variable_length(0xfffffff) + test::bytes({0x80, 60, 0}));
  CHECK(test::refusal([&] { harmony_from_midi(file, "bars.mid", d_dorian); }) ==
        "bars.mid: more than 20000 bars, expected fewer to find chords in");
}

TEST_CASE("Chords found in a MIDI file are never shorter than those of a chart may be") {
  std::string body =
      test::bytes({0, 0xff, 0x58, 4, 1, 4, 24, 8});  // bars of a sixteenth, an eighth of a second
  for (int i = 0; i < 64; ++i) {
    body += test::bytes({0, 0x90, 60 + i % 12, 100, 0x78, 0x80, 60 + i % 12, 0});
  }
  const auto chords = harmony_from_midi(test::header(0, 1) + test::track(body), "quick.mid", d_dorian);
  REQUIRE(chords.size() > 4);
  double sum_s = 0.0;
  for (const ChartChord& chord : chords) {
    CHECK(*chord.seconds >= 0.5);
    sum_s += *chord.seconds;
  }
  CHECK(sum_s == doctest::Approx(8.0));
}

TEST_CASE("A note that lasts over many bars counts in each, and the lowest is the bass of each") {
  // Two bars of two seconds each: C and E from the start to the end, G in the first, A below in the second.
  const auto midi = test::TinyTrack()
                        .at(0, {0x90, 60, 100, 0, 64, 100, 0, 67, 100})
                        .at(2, {0x80, 67, 0, 0, 0x90, 57, 100})
                        .at(4, {0x80, 60, 0, 0, 64, 0, 0, 57, 0})
                        .file();
  const auto chords = harmony_from_midi(midi, "two.mid", d_dorian);
  REQUIRE(chords.size() == 2);
  CHECK(chords[0].chord.name == "C");
  CHECK(chords[1].chord.name == "Am");
  CHECK(*chords[1].seconds == doctest::Approx(2.0));
}
