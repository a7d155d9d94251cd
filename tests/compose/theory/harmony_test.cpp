// SPDX-License-Identifier: MIT
#include "compose/theory/harmony.h"

#include <doctest/doctest.h>

#include <map>

#include "compose/preset/harmony_tables.h"

using namespace auralis;

TEST_CASE("Every chord of every mode lies in its mode, has a name, and every degree has at least one") {
  for (const Mode& mode : modes()) {
    const Scale scale{7, &mode};
    for (int degree = 0; degree < scale.size(); ++degree) {
      int found = 0;
      for (size_t c = 0; c < colour_count; ++c) {
        const auto chord = make_chord(scale, degree, static_cast<Colour>(c));
        if (!chord) continue;
        ++found;
        CAPTURE(chord->name);
        CHECK(chord->degree == degree);
        CHECK((chord_suffix(chord->intervals) != "" || chord->intervals == std::vector<int>{0, 4, 7}));
        for (int interval : chord->intervals) CHECK(scale.contains(chord->root + interval));
      }
      CAPTURE(mode.name);
      CAPTURE(degree);
      CHECK(found > 0);
    }
  }
}

TEST_CASE("Chords are named as musicians name them") {
  const auto named = [](int tonic, const char* mode, int degree, Colour colour) {
    const auto chord = make_chord({tonic, find_mode(mode)}, degree, colour);
    return chord ? chord->name + " " + chord->numeral : "none";
  };
  CHECK(named(2, "dorian", 0, Colour::ninth) == "Dm9 i");
  CHECK(named(2, "dorian", 3, Colour::triad) == "G IV");
  CHECK(named(4, "phrygian", 1, Colour::seventh) == "Fmaj7 bII");
  CHECK(named(5, "lydian", 3, Colour::seventh) == "Bm7b5 #iv°");
  CHECK(named(9, "aeolian", 5, Colour::add9) == "Fadd9 bVI");
  CHECK(named(9, "harmonic-minor", 4, Colour::seventh) == "E7 V");
  CHECK(named(9, "harmonic-minor", 6, Colour::seventh) == "G#dim7 vii°");
  CHECK(named(10, "locrian", 0, Colour::quartal) == "Bb⁴ i");
  CHECK(named(0, "major-pentatonic", 0, Colour::quintal) == "C5/9 I");
  CHECK(named(4, "phrygian", 0, Colour::add9) == "none");  // its second is a semitone
}

TEST_CASE("The chain steps through its second-order rows in their proportions") {
  const Scale scale{0, find_mode("dorian")};
  HarmonyTable table;
  for (int d = 0; d < 7; ++d) table.rows[{-1, d}] = std::vector<double>(7, 1.0);
  table.rows[{0, 3}] = {0, 0, 0, 0, 0, 1, 3};
  const std::vector<int> all{0, 1, 2, 3, 4, 5, 6};
  Rng rng(1);
  std::map<int, int> seen;
  for (int i = 0; i < 8000; ++i) ++seen[next_degree(scale, table, 0, 3, all, rng)];
  CHECK(seen.size() == 2);
  CHECK(seen[6] / 8000.0 == doctest::Approx(0.75).epsilon(0.03));
}

TEST_CASE("From the dominant the tonic is all but barred") {
  Rng rng(2);
  for (const Mode& mode : modes()) {
    const Scale scale{0, &mode};
    int dominant = -1;
    std::vector<int> all;
    for (int d = 0; d < scale.size(); ++d) {
      all.push_back(d);
      if (mode.steps[static_cast<size_t>(d)] == 7) dominant = d;
    }
    if (dominant < 0) continue;
    int home = 0;
    for (int i = 0; i < 2000; ++i)
      home +=
          next_degree(scale, installed_harmony_tables().find(mode.name)->second, -1, dominant, all, rng) == 0;
    CAPTURE(mode.name);
    CHECK(home < 40);
  }
}

TEST_CASE("In every installed table the characteristic chord can be reached from everywhere") {
  for (const Mode& mode : modes()) {
    const HarmonyTable& table = installed_harmony_tables().find(mode.name)->second;
    for (int from = 0; from < static_cast<int>(mode.steps.size()); ++from) {
      std::vector<bool> reached(mode.steps.size(), false);
      std::vector<int> open{from};
      while (!open.empty()) {
        const int last = open.back();
        open.pop_back();
        for (size_t to = 0; to < mode.steps.size(); ++to) {
          if (table.row(-1, last)[to] <= 0.0 || reached[to]) continue;
          reached[to] = true;
          open.push_back(static_cast<int>(to));
        }
      }
      CAPTURE(mode.name);
      CHECK(reached[static_cast<size_t>(table.characteristic)]);
    }
  }
}

TEST_CASE("Intensity makes chords richer") {
  const Scale scale{2, find_mode("dorian")};
  const HarmonyTable& table = installed_harmony_tables().at("dorian");
  ColourWeights even;
  even.fill(1.0);
  const auto mean_tones = [&](double intensity) {
    Rng rng(3);
    double tones = 0;
    for (int i = 0; i < 4000; ++i)
      tones += static_cast<double>(choose_chord(scale, table, 0, even, intensity, rng).intervals.size());
    return tones / 4000;
  };
  CHECK(mean_tones(0.9) > mean_tones(0.1) + 0.5);
}
