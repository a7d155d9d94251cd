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
  same("sus4", "sus");
  same("", "maj");
  CHECK(parse_chord_symbol("CmMaj9")->intervals == std::vector<int>{0, 2, 3, 7, 11});
}

TEST_CASE("Stacked fourths and fifths have the tones of their stacks") {
  CHECK(parse_chord_symbol("Cquartal")->intervals == std::vector<int>{0, 5, 10});    // C F Bb
  CHECK(parse_chord_symbol("Cquintal")->intervals == std::vector<int>{0, 2, 7, 9});  // C G D A
}
