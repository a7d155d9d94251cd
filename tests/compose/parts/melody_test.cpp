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
  MelodyNote next(const MelodyPlace& place, std::span<const int> open, const MelodyIntent&,
                  const MelodyTaste&) override {
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

// A source that plays what it is told, where that is open to it.
struct ObedientSource : MelodySource {
  MelodyNote next(const MelodyPlace&, std::span<const int> open, const MelodyIntent& intent,
                  const MelodyTaste&) override {
    CHECK(std::find(open.begin(), open.end(), intent.pitch) != open.end());
    intents.push_back(intent);
    return {intent.pitch, intent.beats};
  }
  void played(const MelodyPlace&, const MelodyNote&) override {}
  std::vector<MelodyIntent> intents;
};

struct Line {
  std::vector<int> pitches;
  std::vector<double> durs_s;
  std::vector<Chord> chords;
  std::vector<size_t> ends;  // the last notes of phrases
};

Line sing(const char* mode, uint64_t seed, int count, const MelodyPlan& plan,
          MelodySource* source = nullptr) {
  Melody melody(seed);
  Rng rng(seed, "chords");
  MelodyContext moment;
  moment.scale = {static_cast<int>(rng.index(12)), find_mode(mode)};
  Line line;
  std::vector<Theme> themes;
  for (int i = 0; i < 2; ++i) {
    themes.push_back(invent_theme(plan.note_beats, moment.scale.size(), rng));
    themes.back().number = i + 1;
  }
  moment.themes = themes;
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
    if (melody.phrase_over()) line.ends.push_back(line.pitches.size() - 1);
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

TEST_CASE("A source that plays what it is told plays what the composer would play by itself") {
  for (const char* mode : {"dorian", "harmonic-minor", "minor-pentatonic"}) {
    CAPTURE(mode);
    ObedientSource source;
    const Line told = sing(mode, 21, 800, MelodyPlan{}, &source);
    const Line own = sing(mode, 21, 800, MelodyPlan{});
    CHECK(told.pitches == own.pitches);
    CHECK(told.durs_s == own.durs_s);
  }
}

TEST_CASE(
    "A source is told a motif most surely where it is stated, and nothing of a phrase that has none of the "
    "scene's") {
  MelodyPlan plan;
  plan.recall = 1.0;
  ObedientSource source;
  sing("dorian", 22, 600, plan, &source);
  std::vector<double> kinds;
  for (const MelodyIntent& intent : source.intents) kinds.push_back(intent.nats);
  std::sort(kinds.begin(), kinds.end());
  const double most = kinds.back();
  const auto stated = std::count(kinds.begin(), kinds.end(), most);
  CHECK(most > 12.0);  // far beyond what a network would hold against it
  CHECK(kinds.front() > 0.0);
  CHECK(stated > 150);
  CHECK(stated < 450);
  plan.recall = 0.0;
  ObedientSource alone;
  sing("dorian", 22, 600, plan, &alone);
  const auto free = std::count_if(alone.intents.begin(), alone.intents.end(),
                                  [](const MelodyIntent& intent) { return intent.nats == 0.0; });
  CHECK(free > 400);  // the rest is on the way to an end
}

TEST_CASE("Phrases end at rest even where a source wants anything else") {
  WildSource source;
  const Line line = sing("dorian", 23, 2000, MelodyPlan{}, &source);
  Rng rng(23, "chords");
  const Scale scale{static_cast<int>(rng.index(12)), find_mode("dorian")};
  const auto rests = std::count_if(line.ends.begin(), line.ends.end(),
                                   [&](size_t end) { return rests_on(scale, line.pitches[end]); });
  CHECK(line.ends.size() > 100);
  CHECK(static_cast<double>(rests) > 0.85 * static_cast<double>(line.ends.size()));
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

TEST_CASE("A phrase begins with its motif as it is, each note in its place and for its beats") {
  const Chord open_fifth =
      named_chord({2, find_mode("dorian")}, 2, {0, 7});  // no tone of the mode is far from it
  MelodyPlan plan;
  plan.colour_tones = 0.0;
  plan.leap = 0.0;
  plan.recall = 1.0;
  Theme theme;
  theme.number = 5;
  theme.degree = 2;
  theme.motif = {{0, 1.0}, {1, 0.5}, {2, 0.5}, {1, 1.5}};
  int stated = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Melody melody(seed);
    MelodyContext moment;
    moment.scale = {2, find_mode("dorian")};
    moment.chord = &open_fifth;
    moment.themes = {&theme, 1};
    melody.begin_phrase(plan, moment);
    CHECK(melody.motif() == 5);
    std::vector<int> steps;
    std::vector<double> beats;
    for (size_t i = 0; i < theme.motif.size(); ++i) {
      const Melody::Note note = melody.next(plan, moment, nullptr);
      steps.push_back(moment.scale.nearest_index(note.pitch));
      beats.push_back(note.beats);
    }
    bool same = true;
    for (size_t i = 0; i < theme.motif.size(); ++i)
      same = same && steps[i] - steps[0] == theme.motif[i].offset && beats[i] == theme.motif[i].beats;
    stated += same;
  }
  CHECK(stated == 40);
}

TEST_CASE("Phrases come to rest on the tonic or the fifth, the second of a pair on the tonic more often") {
  const Line line = sing("dorian", 18, 6000, MelodyPlan{});
  Rng rng(18, "chords");
  const Scale scale{static_cast<int>(rng.index(12)), find_mode("dorian")};
  double rests = 0, tonics = 0, notes = 0;
  for (int pitch : line.pitches) notes += rests_on(scale, pitch);
  for (size_t end : line.ends) {
    rests += rests_on(scale, line.pitches[end]);
    tonics += wrap(line.pitches[end] - scale.tonic, 12) == 0;
  }
  const auto ends = static_cast<double>(line.ends.size());
  CHECK(ends > 300);
  CHECK(rests / ends > 0.95);
  CHECK(rests / ends > 2.0 * notes / static_cast<double>(line.pitches.size()));
  CHECK(tonics / ends > 0.3);
  CHECK(tonics / ends < 0.8);
}

TEST_CASE("A line goes by small steps and mostly on in its direction") {
  for (const char* mode : {"dorian", "phrygian", "minor-pentatonic"}) {
    CAPTURE(mode);
    double sum = 0, turns = 0, steps = 0;
    for (uint64_t seed = 1; seed <= 12; ++seed) {
      const Line line = sing(mode, seed, 600, MelodyPlan{});
      size_t end = 0;
      for (size_t i = 2; i < line.pitches.size(); ++i) {
        while (end < line.ends.size() && line.ends[end] < i - 2) ++end;
        // Not from one phrase into the next.
        if (end < line.ends.size() && line.ends[end] < i) continue;
        const int before = line.pitches[i - 1] - line.pitches[i - 2];
        const int interval = line.pitches[i] - line.pitches[i - 1];
        sum += std::abs(interval);
        turns += interval * before < 0;
        steps += 1;
      }
    }
    CHECK(sum / steps < 2.6);
    CHECK(turns / steps < 0.5);
  }
}

TEST_CASE("A phrase that must end does so within a few notes, at rest") {
  const Chord chord = named_chord({2, find_mode("dorian")}, 2, {0, 3, 7});
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Melody melody(seed);
    MelodyContext moment;
    moment.scale = {2, find_mode("dorian")};
    moment.chord = &chord;
    MelodyPlan plan;
    melody.begin_phrase(plan, moment);
    int pitch = melody.next(plan, moment, nullptr).pitch;
    melody.close(plan, moment);
    int notes = 0;
    for (; !melody.phrase_over(); ++notes) pitch = melody.next(plan, moment, nullptr).pitch;
    CHECK(notes >= 1);
    CHECK(notes <= 6);
    CHECK(rests_on(moment.scale, pitch));
  }
}
