// SPDX-License-Identifier: MIT
#include "compose/theory/scale.h"

#include <doctest/doctest.h>

#include <string_view>
#include <tuple>
#include <utility>

using namespace auralis;

TEST_CASE("In every key and mode a step index and its pitch are one and the same") {
  for (const Mode& mode : modes()) {
    for (int tonic = 0; tonic < 12; ++tonic) {
      const Scale scale{tonic, &mode};
      for (int index = 0; index < 60; ++index) {
        const int pitch = scale.pitch_at(index);
        CHECK(scale.contains(pitch));
        CHECK(scale.degree_of(pitch) == index % scale.size());
        CHECK(scale.index_below(pitch) == index);
        CHECK(scale.nearest_index(pitch) == index);
        CHECK(scale.index_below(scale.pitch_at(index + 1) - 1) == index);
      }
    }
  }
}

TEST_CASE("The pitches between two ends are those of the mode, ascending") {
  const Scale dorian{2, find_mode("dorian")};
  CHECK(dorian.between(60, 72) == std::vector<int>{60, 62, 64, 65, 67, 69, 71, 72});
}

TEST_CASE("A scale is written with the accidentals of the key that shares its tones") {
  const auto written = [](int tonic, std::string_view mode) {
    const KeySignature signature = key_signature({tonic, find_mode(mode)});
    return std::pair(signature.sharps, signature.minor);
  };
  // The white keys, from each of them; where several keys would do, the one on the same tonic.
  for (const auto& [tonic, mode, minor] : {std::tuple{0, "ionian", false},
                                           {2, "dorian", false},
                                           {4, "phrygian", false},
                                           {5, "lydian", false},
                                           {7, "mixolydian", false},
                                           {9, "aeolian", true},
                                           {11, "locrian", false},
                                           {9, "harmonic-minor", true},
                                           {0, "major-pentatonic", false},
                                           {9, "minor-pentatonic", true}}) {
    CAPTURE(mode);
    CHECK(written(tonic, mode) == std::pair(0, minor));
    CHECK(written((tonic + 7) % 12, mode) == std::pair(1, minor));
    CHECK(written((tonic + 5) % 12, mode) == std::pair(-1, minor));
  }
  CHECK(written(6, "ionian") == std::pair(6, false));
  CHECK(written(1, "ionian") == std::pair(-5, false));
}
