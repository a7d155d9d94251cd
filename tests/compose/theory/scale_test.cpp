// SPDX-License-Identifier: MIT
#include "compose/theory/scale.h"

#include <doctest/doctest.h>

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
