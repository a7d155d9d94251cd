// SPDX-License-Identifier: MIT
#include "compose/parts/melody.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "compose/preset/harmony_tables.h"

using namespace auralis;

namespace {

// A source that wants the wildest note it is offered.
struct WildSource : MelodySource {
  MelodyNote next(const MelodyPlace& place, std::span<const int> open, const MelodyTaste&) override {
    REQUIRE(!open.empty());
    REQUIRE(std::is_sorted(open.begin(), open.end()));
    places.push_back(place);
    high = !high;
    return {high ? open.back() : open.front(), 3.0};
  }
  void played(const MelodyPlace&, const MelodyNote& note) override { heard.push_back(note.pitch); }
  std::vector<MelodyPlace> places;
  std::vector<int> heard;
  bool high = false;
};

struct Line {
  std::vector<int> pitches;
  std::vector<double> durs_s;
  std::vector<Chord> chords;
};

Line sing(const char* mode, uint64_t seed, int count, const MelodyPlan& plan,
          MelodySource* source = nullptr) {
  Melody melody(seed);
  Rng rng(seed, "chords");
  MelodyContext moment;
  moment.scale = {static_cast<int>(rng.index(12)), find_mode(mode)};
  Line line;
  Chord chord;
  while (static_cast<int>(line.pitches.size()) < count) {
    if (melody.phrase_over()) {
      chord = choose_chord(moment.scale, installed_harmony_tables().find(mode)->second,
                           static_cast<int>(rng.index(static_cast<size_t>(moment.scale.size()))),
                           {1, 1, 1, 1, 1, 1, 1, 1}, 0.6, rng);
      moment.chord = &chord;
      melody.begin_phrase(plan, moment);
    }
    const Melody::Note note = melody.next(plan, moment, source);
    line.pitches.push_back(note.pitch);
    line.durs_s.push_back(note.dur_s);
    line.chords.push_back(chord);
  }
  return line;
}

void check_rules(const Line& line) {
  for (size_t i = 0; i < line.pitches.size(); ++i) {
    CHECK(line.pitches[i] >= 62);
    CHECK(line.pitches[i] <= 84);
    if (line.durs_s[i] >= long_note_s) CHECK(agrees(line.chords[i], line.pitches[i]));
    if (i < 1) continue;
    const int leap = line.pitches[i] - line.pitches[i - 1];
    CHECK(std::abs(leap) <= octave_st);
    if (std::abs(leap) <= fifth_st || i + 1 >= line.pitches.size()) continue;
    const int back = line.pitches[i + 1] - line.pitches[i];
    CHECK((back > 0) != (leap > 0));
    CHECK(std::abs(back) >= 1);
    CHECK(std::abs(back) <= 3);
  }
}

}  // namespace

TEST_CASE("Range, leaps and long notes keep to the rules in every mode") {
  for (const Mode& mode : modes()) {
    CAPTURE(mode.name);
    MelodyPlan plan;
    plan.leap = 0.3;  // far more than any preset asks
    check_rules(sing(std::string(mode.name).c_str(), 11, 600, plan));
  }
}

TEST_CASE("A source that always takes the most distant note is held to the same rules") {
  for (const char* mode : {"dorian", "harmonic-minor", "minor-pentatonic"}) {
    WildSource source;
    MelodyPlan plan;
    plan.leap = 0.3;
    const Line line = sing(mode, 12, 400, plan, &source);
    check_rules(line);
    CHECK(source.heard == line.pitches);
    // It is asked for every note but the composer's colours.
    Rng rng(12, "chords");
    const Scale scale{static_cast<int>(rng.index(12)), find_mode(mode)};
    const auto colours = std::count_if(line.pitches.begin(), line.pitches.end(),
                                       [&](int pitch) { return !scale.contains(pitch); });
    CHECK(colours > 0);
    CHECK(source.places.size() + static_cast<size_t>(colours) == line.pitches.size());
  }
}

TEST_CASE("About 70, 25 and 5 of 100 notes are of the chord, of the mode, and colour") {
  MelodyPlan plan;
  const Line line = sing("dorian", 13, 4000, plan);
  Rng rng(13, "chords");
  const Scale scale{static_cast<int>(rng.index(12)), find_mode("dorian")};
  double chord = 0, colour = 0;
  for (size_t i = 0; i < line.pitches.size(); ++i) {
    if (line.chords[i].contains(line.pitches[i]))
      ++chord;
    else if (!scale.contains(line.pitches[i]))
      ++colour;
  }
  CHECK(chord / 4000 > 0.65);
  CHECK(chord / 4000 < 0.77);
  CHECK(colour / 4000 > 0.025);
  CHECK(colour / 4000 < 0.07);
}

TEST_CASE("A colour tone is short, and reached and left by step") {
  MelodyPlan plan;
  plan.colour_tones = 0.2;
  const Line line = sing("aeolian", 14, 3000, plan);
  Rng rng(14, "chords");
  const Scale scale{static_cast<int>(rng.index(12)), find_mode("aeolian")};
  int colours = 0;
  for (size_t i = 1; i + 1 < line.pitches.size(); ++i) {
    if (scale.contains(line.pitches[i])) continue;
    ++colours;
    CHECK(line.durs_s[i] < long_note_s);
    CHECK(std::abs(line.pitches[i] - line.pitches[i - 1]) <= 2);
    CHECK(std::abs(line.pitches[i + 1] - line.pitches[i]) <= 2);
  }
  CHECK(colours > 200);
}

TEST_CASE("Leaps over a fifth are rare") {
  const Line line = sing("mixolydian", 15, 4000, MelodyPlan{});
  int leaps = 0;
  for (size_t i = 1; i < line.pitches.size(); ++i)
    leaps += std::abs(line.pitches[i] - line.pitches[i - 1]) > fifth_st;
  CHECK(leaps > 20);
  CHECK(leaps < 4000 * 0.05);
}

TEST_CASE("Variations: inversion mirrors, augmentation doubles, a fragment is part of the whole") {
  Rng rng(16);
  const Motif motif{{0, 1}, {2, 0.5}, {1, 0.5}, {4, 2}, {3, 1}};
  CHECK(vary(motif, Variation::transposition, 8, rng) == motif);
  CHECK(vary(motif, Variation::inversion, 8, rng) == Motif{{0, 1}, {-2, 0.5}, {-1, 0.5}, {-4, 2}, {-3, 1}});
  CHECK(vary(motif, Variation::augmentation, 3, rng) == Motif{{0, 2}, {2, 1}, {1, 1}, {4, 3}, {3, 2}});
  for (int i = 0; i < 50; ++i) {
    const Motif part = vary(motif, Variation::fragment, 8, rng);
    REQUIRE(part.size() >= 2);
    REQUIRE(part.size() < motif.size());
    CHECK(part.front().offset == 0);
    bool inside = false;
    for (size_t at = 0; at + part.size() <= motif.size(); ++at) {
      bool same = true;
      for (size_t k = 0; k < part.size(); ++k) {
        same = same && part[k].beats == motif[at + k].beats &&
               part[k].offset == motif[at + k].offset - motif[at].offset;
      }
      inside = inside || same;
    }
    CHECK(inside);
  }
}

TEST_CASE("A melody that recalls comes back to its motifs more than one that does not") {
  const auto repeats = [](double recall) {
    MelodyPlan plan;
    plan.recall = recall;
    const Line line = sing("ionian", 17, 3000, plan);
    std::multiset<std::vector<double>> rhythms;
    for (size_t i = 0; i + 5 <= line.durs_s.size(); ++i) {
      rhythms.insert(std::vector<double>(line.durs_s.begin() + static_cast<std::ptrdiff_t>(i),
                                         line.durs_s.begin() + static_cast<std::ptrdiff_t>(i + 5)));
    }
    std::set<std::vector<double>> distinct(rhythms.begin(), rhythms.end());
    return 1.0 - static_cast<double>(distinct.size()) / static_cast<double>(rhythms.size());
  };
  CHECK(repeats(1.0) > repeats(0.0) + 0.1);
}
