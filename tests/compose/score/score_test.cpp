// SPDX-License-Identifier: MIT
#include "compose/score/score.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compose/score/score_plot.h"
#include "model/rng.h"

using namespace auralis;

namespace {

class Piece {
 public:
  explicit Piece(const std::string& key = "C", const std::string& mode = "ionian") {
    events.emplace_back(StartEvent{"7", "a<b&\"c\"", key, mode, 60.0, 0.5, "0"});
  }
  Piece& note(double t, double dur, double pitch, const std::string& layer = "lead") {
    events.emplace_back(NoteEvent{t, ++id, layer, pitch, 0.5, dur, 0.0});
    return *this;
  }
  Piece& chord(double t, const std::string& name, const std::string& degree,
               std::vector<double> pitches = {}) {
    events.emplace_back(ChordEvent{t, name, degree, std::move(pitches)});
    return *this;
  }
  nlohmann::ordered_json end(double t) {
    events.emplace_back(EndEvent{t});
    return measure_score(events);
  }
  std::vector<Event> events;
  uint64_t id = 0;
};

}  // namespace

TEST_CASE("Time per chord leaves out the last, which the end cuts, and joins equal neighbours") {
  const auto measures =
      Piece().chord(0, "C", "I").chord(40, "F", "IV").chord(50, "F", "IV").chord(100, "Am", "vi").end(101);
  CHECK(measures["chords"] == 3);
  CHECK(measures["seconds_per_chord"]["mean"] == 50.0);
  CHECK(measures["seconds_per_chord"]["min"] == 40.0);
  CHECK(measures["seconds_per_chord"]["max"] == 60.0);
}

TEST_CASE("The share of V to I counts changes that go from the fifth degree to the tonic") {
  const auto measures = Piece()
                            .chord(0, "G7", "V")
                            .chord(10, "C", "I")
                            .chord(20, "F", "IV")
                            .chord(30, "G", "V")
                            .chord(40, "Am", "vi")
                            .end(50);
  CHECK(measures["v_i_share"] == 0.25);
}

TEST_CASE("A modulation shows in the degrees, and the share of V to I follows it") {
  CHECK(Piece().chord(0, "C", "I").chord(10, "A", "V").chord(20, "D", "I").end(30)["v_i_share"] == 0.5);
  CHECK(Piece().chord(0, "C", "I").chord(10, "A", "VI").chord(20, "D", "II").end(30)["v_i_share"] == 0.0);
}

TEST_CASE("The characteristic chord's share is of time: bII in phrygian, II in lydian, IV in dorian") {
  const auto share = [](const char* key, const char* mode, const char* home, const char* other,
                        const char* degree) {
    return Piece(key, mode)
        .chord(0, home, "I")
        .chord(30, other, degree)
        .end(40)["characteristic_chord_share"];
  };
  CHECK(share("E", "phrygian", "Em", "F", "bII") == 0.25);
  CHECK(share("F", "lydian", "F", "G", "II") == 0.25);
  CHECK(share("D", "dorian", "Dm", "G7", "IV") == 0.25);
  CHECK(share("D", "dorian", "Dm", "C", "bVII") == 0.0);
  CHECK(share("A", "minor-pentatonic", "Am", "C", "bIII") == 0.25);
}

TEST_CASE("Scenes are told apart by the chords they draw on, though none says where it begins") {
  Piece piece;
  double t = 0.0;
  for (const auto& scene :
       {std::array{"C", "F", "Am"}, std::array{"Eb", "Bb", "Gm"}, std::array{"D", "A", "D"}}) {
    for (int i = 0; i < 9; ++i) piece.chord(t += 10.0, scene[static_cast<size_t>(i * i + i / 3) % 3], "I");
  }
  const auto measures = piece.end(t + 10.0);
  CHECK(measures["scenes"] == 3);
  CHECK(measures["chords_per_scene"]["max"] == 3.0);
  CHECK(measures["chords_per_scene"]["min"] == 2.0);
}

TEST_CASE("Pitch-class entropy is 0 for one class and log2 of the count for equal ones") {
  CHECK(Piece().note(0, 1, 60).note(1, 1, 72).end(2)["pitch_class_entropy_bits"] == 0.0);
  Piece piece;
  for (int i = 0; i < 8; ++i) piece.note(i, 1, 60 + i);
  CHECK(piece.end(9)["pitch_class_entropy_bits"] == 3.0);
}

TEST_CASE("Mode fit, and the shares of chord, scale and colour tones, follow the key and chord in force") {
  Piece piece;
  piece.chord(0, "C", "I").note(0, 1, 60).note(1, 1, 64).note(2, 1, 62).note(3, 1, 61);
  piece.events.emplace_back(ControlEvent{4.0, parse_control({{"key", "Db"}})});
  piece.note(4, 1, 61).note(5, 1, 64);
  const auto measures = piece.end(6);
  CHECK(measures["mode_fit"].get<double>() == doctest::Approx(4.0 / 6).epsilon(1e-3));
  CHECK(measures["melody_chord_tone_share"].get<double>() == doctest::Approx(3.0 / 6).epsilon(1e-3));
  CHECK(measures["melody_scale_tone_share"].get<double>() == doctest::Approx(2.0 / 6).epsilon(1e-3));
  CHECK(measures["melody_colour_tone_share"].get<double>() == doctest::Approx(1.0 / 6).epsilon(1e-3));
}

TEST_CASE("A leap is more than a fifth; a step back or the end of the phrase answers it") {
  const auto measures = Piece()
                            .note(0, 1, 60)
                            .note(1, 1, 69)   // a leap …
                            .note(2, 1, 67)   // … answered
                            .note(3, 1, 76)   // a leap …
                            .note(4, 1, 78)   // … gone on with
                            .note(20, 1, 40)  // another phrase: no interval
                            .end(30);
  CHECK(measures["lead_interval_max_st"] == 9.0);
  CHECK(measures["lead_leap_share"] == 0.5);
  CHECK(measures["lead_leaps_answered_share"] == 0.5);
  CHECK(measures["lead_phrase_notes"]["max"] == 5.0);
  CHECK(measures["lead_phrase_notes"]["min"] == 1.0);
}

TEST_CASE("Voice leading is the least movement between the chords' voices, also between unequal numbers") {
  const auto moved = [](std::vector<double> from, std::vector<double> to) {
    return Piece()
        .chord(0, "C", "I", std::move(from))
        .chord(1, "F", "IV", std::move(to))
        .end(2)["voice_leading_st"]["mean"];
  };
  CHECK(moved({60, 64, 67}, {60, 65, 69}) == 3.0);
  CHECK(moved({67, 60, 64}, {69, 65, 60}) == 3.0);
  CHECK(moved({60, 64, 67}, {60, 64, 67}) == 0.0);
  CHECK(moved({60, 67}, {60, 64, 67}) == 3.0);  // 64 comes from 67
  CHECK(moved({60, 64, 67, 71}, {62}) == 2.0 + 2.0 + 5.0 + 9.0);
}

TEST_CASE("Figures that return are found at any pitch, and with their rhythm only where that returns, too") {
  const auto phrases = [](std::vector<std::vector<double>> lines, double second_beat_s) {
    Piece piece;
    double t = 0.0;
    double beat_s = 1.0;
    for (const std::vector<double>& line : lines) {
      for (double pitch : line) piece.note(t, beat_s, pitch), t += beat_s;
      t += 10.0;
      beat_s = second_beat_s;
    }
    return piece.end(t);
  };
  const auto same = phrases({{60, 62, 65, 64}, {67, 69, 72, 71}}, 1.0);
  CHECK(same["lead_figures_returning"] == 0.5);
  CHECK(same["lead_figures_with_rhythm"] == 0.5);
  CHECK(same["lead_phrases"] == 2);
  const auto slower = phrases({{60, 62, 65, 64}, {67, 69, 72, 71}}, 2.0);
  CHECK(slower["lead_figures_returning"] == 0.5);
  CHECK(slower["lead_figures_with_rhythm"] == 0.0);
  CHECK(phrases({{60, 62, 65, 64}, {67, 69, 72, 70}}, 1.0)["lead_figures_returning"] == 0.0);
  CHECK(same["lead_turns_share"] == 0.5);
}

TEST_CASE("A random walk's figures return as often as chance has it, those of eight themes twice as often") {
  Rng rng(5);
  const auto step = [&] { return static_cast<double>(rng.index(9)) - 4.0; };
  std::vector<std::vector<double>> themes(8, std::vector<double>(12));
  for (std::vector<double>& theme : themes) std::generate(theme.begin(), theme.end(), step);
  const auto sing = [&](bool from_themes) {
    Piece piece;
    double t = 0.0;
    for (size_t phrase = 0; phrase < 80; ++phrase, t += 10.0) {
      double pitch = 60.0;
      for (size_t i = 0; i < 12; ++i, t += 1.0) {
        piece.note(t, 1, pitch);
        pitch += from_themes ? themes[phrase % 8][i] : step();
      }
    }
    return piece.end(t)["lead_figures_ratio"].get<double>();
  };
  CHECK(sing(false) == doctest::Approx(1.0).epsilon(0.25));
  CHECK(sing(true) > 2.0);
}

TEST_CASE(
    "Scenes on loops have more structure than their chords in another order, chords by chance have as much") {
  const std::array<std::string, 12> names{"C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"};
  Rng rng(5);
  const auto structureness = [&](bool on_loops) {
    Piece piece;
    double t = 0.0;
    for (int played = 0; played < 24; ++played) {
      const int scene = 1 + played % 8;  // each comes back twice
      for (int i = 0; i < 12; ++i, t += 12.0) {
        const auto place = on_loops ? static_cast<size_t>(i % 4) : rng.index(4);
        const size_t root = (static_cast<size_t>(scene) * 5 + place * 3) % names.size();
        const bool minor = (static_cast<size_t>(scene) + place) % 2 == 0;
        const double lowest = 48.0 + static_cast<double>(root);
        piece.chord(t, names[root] + (minor ? "m" : ""), "I", {lowest, lowest + (minor ? 3 : 4), lowest + 7});
        auto& chord = std::get<ChordEvent>(piece.events.back());
        chord.scene = scene;
        if (i == 0) chord.why = "a new scene";
        for (const double pitch : chord.pitches) piece.note(t, 12.0, pitch, "pad");
      }
    }
    return piece.end(t)["structureness_ratio"].get<double>();
  };
  CHECK(structureness(true) >= 1.5);
  CHECK(structureness(false) == doctest::Approx(1.0).epsilon(0.15));
}

TEST_CASE("Ends at rest are those on the tonic or the fifth of the key") {
  const auto measures = Piece()
                            .note(0, 1, 62)
                            .note(1, 1, 60)  // the tonic
                            .note(20, 1, 65)
                            .note(21, 1, 67)  // the fifth
                            .note(40, 1, 65)
                            .note(41, 1, 64)
                            .end(50);
  CHECK(measures["lead_ends_at_rest"].get<double>() == doctest::Approx(2.0 / 3).epsilon(1e-3));
  CHECK(measures["lead_ends_ratio"].get<double>() == doctest::Approx(2.0).epsilon(1e-3));
}

TEST_CASE("An answer is in contour where it rises and falls as its phrase began or ended") {
  const auto kept = [](std::vector<double> bells) {
    Piece piece;
    double t = 0.0;
    for (double pitch : {60, 62, 64, 62, 60, 59}) piece.note(t++, 1, pitch);
    for (double pitch : bells) piece.note(t += 1.5, 1, pitch, "bells");
    return piece.end(30);
  };
  CHECK(kept({72, 76, 79, 76})["bells_answers_in_contour"] == 1.0);  // as it began
  CHECK(kept({79, 76, 72, 67})["bells_answers_in_contour"] == 1.0);  // as it ended
  CHECK(kept({79, 76, 79, 76})["bells_answers_in_contour"] == 0.0);
  CHECK(kept({79, 76, 72})["bells_answers"] == 0);
}

TEST_CASE("Groove is consistent where every bar has the same onsets") {
  Piece same;
  for (int bar = 0; bar < 4; ++bar) same.note(bar * 4.0, 1, 60).note(bar * 4.0 + 2.5, 1, 60);
  CHECK(same.end(16)["groove_consistency"] == 1.0);
  Piece changing;
  for (int bar = 0; bar < 4; ++bar) changing.note(bar * 4.25, 1, 60);
  CHECK(changing.end(17)["groove_consistency"] == 1.0 - 2.0 / 16);
}

TEST_CASE("A beat in which many notes sound is counted once") {
  Piece piece;
  piece.note(0.5, 3, 60).note(0.5, 1, 64).note(1.5, 0.2, 67).note(2.5, 3, 60).note(7.5, 0.2, 64);
  CHECK(piece.end(9.5)["empty_beat_rate"].get<double>() == doctest::Approx(3.0 / 10).epsilon(1e-3));
}

TEST_CASE("Silence and empty beats are those in which nothing sounds; a release ends a note") {
  Piece piece;
  piece.note(0, 100, 60);
  piece.events.emplace_back(ReleaseEvent{3.0, 1});
  piece.note(6.5, 1, 60, "pad");
  const auto measures = piece.end(9.5);
  CHECK(measures["silence_share"].get<double>() == doctest::Approx(5.5 / 9.5).epsilon(1e-3));
  CHECK(measures["melody_silence_share"].get<double>() == doctest::Approx(6.5 / 9.5).epsilon(1e-3));
  CHECK(measures["empty_beat_rate"].get<double>() == doctest::Approx(4.0 / 10).epsilon(1e-3));
  CHECK(measures["notes_per_minute_by_layer"]["pad"].get<double>() ==
        doctest::Approx(60 / 9.5).epsilon(1e-3));
  CHECK(measures["layers_at_once_max"] == 1);
}

TEST_CASE("A repeated melody is found whole, and its second time is no novelty") {
  Piece piece;
  const std::vector<double> motif{60, 62, 64, 67, 65, 64, 62, 69, 71, 72};
  double t = 0.0;
  for (double pitch : motif) piece.note(t++, 1, pitch);
  piece.note(t++, 1, 50);
  for (double pitch : motif) piece.note(t++, 1, pitch);
  const auto measures = piece.end(t);
  CHECK(measures["longest_repeated_notes"] == 10);
  CHECK(measures["longest_repeated_s"] == 10.0);
  CHECK(measures["melody_novelty"].get<double>() == doctest::Approx(11.0 / 18).epsilon(1e-3));
  CHECK(measures["melody_novelty_by_hour"].size() == 1);
}

TEST_CASE("A piece with nothing in it has no shares, and nothing that is not a number") {
  const auto measures = Piece().end(10);
  CHECK(measures["notes"] == 0);
  CHECK(measures["silence_share"] == 1.0);
  for (const char* name :
       {"v_i_share", "mode_fit", "pitch_class_entropy_bits", "lead_leap_share", "melody_novelty"}) {
    CHECK_MESSAGE(measures[name].is_null(), name);
  }
}

TEST_CASE("The picture holds every note and chord, and escapes what XML would take for its own") {
  Piece piece;
  piece.chord(0, "Cm7b5<", "i").note(0, 10, 60).chord(100, "F", "IV").note(119, 2, 64, "pad");
  piece.end(240);
  const std::string svg = score_svg(piece.events);
  const auto count = [&](const std::string& text) {
    size_t found = 0;
    for (size_t at = svg.find(text); at != std::string::npos; at = svg.find(text, at + 1)) ++found;
    return found;
  };
  CHECK(count("rx=\"1\" fill=\"#e0803c\"") == 1);
  CHECK(count("rx=\"1\" fill=\"#4f83b8\"") == 2);  // it crosses from one row to the next
  CHECK(count("Cm7b5&lt;") == 1);
  CHECK(count(">F</text>") == 1);
  CHECK(count("a&lt;b&amp;&quot;c&quot;") == 1);
}
