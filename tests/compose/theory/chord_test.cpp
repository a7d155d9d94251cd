// SPDX-License-Identifier: MIT
#include "compose/theory/chord.h"

#include <doctest/doctest.h>

#include "compose/theory/harmony.h"
#include "model/music.h"

using namespace auralis;

TEST_CASE("Every chord that is composed is read back from its name with the same tones") {
  for (const Mode& mode : modes()) {
    const Scale scale{3, &mode};
    for (int degree = 0; degree < scale.size(); ++degree) {
      for (size_t c = 0; c < colour_count; ++c) {
        const auto chord = make_chord(scale, degree, static_cast<Colour>(c));
        if (!chord) continue;
        CAPTURE(chord->name);
        const auto read = parse_chord_symbol(chord->name);
        REQUIRE(read);
        CHECK(read->root == chord->root);
        CHECK(read->intervals == chord->intervals);
      }
    }
  }
}

TEST_CASE("Other spellings mean the same tones, and a chord is called by the first of its names") {
  const auto same = [](const char* name, const char* alias) {
    const auto chord = parse_chord_symbol(std::string("C") + name);
    const auto other = parse_chord_symbol(std::string("C") + alias);
    REQUIRE(chord);
    REQUIRE(other);
    CHECK(chord->intervals == other->intervals);
    CHECK(chord_suffix(other->intervals) == name);
  };
  same("m7", "min7");
  same("maj9", "M9");
  same("mMaj7", "m(maj7)");
  same("6/9", "69");
  same("sus", "sus4");
  same("⁴", "quartal");
  same("5/9", "quintal");
  same("", "maj");
  CHECK(parse_chord_symbol("CmMaj9")->intervals == std::vector<int>{0, 2, 3, 7, 11});
}

TEST_CASE("Chords are spelt in their key") {
  const auto roots = [](int tonic, const char* mode) {
    const Scale scale{tonic, find_mode(mode)};
    std::string all;
    for (int degree = 0; degree < scale.size(); ++degree)
      all += named_chord(scale, scale.pitch_at(degree), {0, 7}).name + " ";
    return all;
  };
  CHECK(roots(3, "dorian") == "Eb5 F5 Gb5 Ab5 Bb5 C5 Db5 ");
  CHECK(roots(6, "ionian") == "F#5 G#5 A#5 B5 C#5 D#5 E#5 ");
  CHECK(roots(6, "minor-pentatonic") == "F#5 A5 B5 C#5 E5 ");
  CHECK(roots(1, "major-pentatonic") == "Db5 Eb5 F5 Ab5 Bb5 ");
  CHECK(roots(5, "lydian") == "F5 G5 A5 B5 C5 D5 E5 ");
  CHECK(roots(4, "locrian") == "E5 F5 G5 A5 Bb5 C5 D5 ");
  CHECK(roots(9, "harmonic-minor") == "A5 B5 C5 D5 E5 F5 G#5 ");
  CHECK(roots(1, "aeolian") == "Db5 Eb5 Fb5 Gb5 Ab5 A5 Cb5 ");  // no double flat
  const Scale f_sharp{6, find_mode("ionian")};
  CHECK(make_chord(f_sharp, 2, Colour::triad)->name == "A#m");
  CHECK(named_chord({4, find_mode("ionian")}, 2, {0, 4, 7}).name == "D");
}

TEST_CASE("Stacked fourths and fifths have the tones of their stacks") {
  CHECK(parse_chord_symbol("Cquartal")->intervals == std::vector<int>{0, 5, 10});    // C F Bb
  CHECK(parse_chord_symbol("Cquintal")->intervals == std::vector<int>{0, 2, 7, 9});  // C G D A
}
