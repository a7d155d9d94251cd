// SPDX-License-Identifier: MIT
#include "compose/theory/rhythm.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace auralis;

TEST_CASE("A Euclidean rhythm has its pulses, and distances that differ by one slot at most") {
  for (int slots = 3; slots <= 24; ++slots) {
    for (int pulses = 1; pulses <= slots; ++pulses) {
      const std::vector<bool> rhythm = euclidean(pulses, slots, pulses + 1);
      CHECK(std::count(rhythm.begin(), rhythm.end(), true) == pulses);
      std::vector<int> onsets;
      for (int i = 0; i < slots; ++i) {
        if (rhythm[static_cast<size_t>(i)]) onsets.push_back(i);
      }
      int least = slots, most = 0;
      for (size_t i = 0; i < onsets.size(); ++i) {
        const int next = i + 1 < onsets.size() ? onsets[i + 1] : onsets[0] + slots;
        least = std::min(least, next - onsets[i]);
        most = std::max(most, next - onsets[i]);
      }
      CHECK(most - least <= 1);
    }
  }
}

TEST_CASE("Eight slots and three pulses make the tresillo") {
  CHECK(euclidean(3, 8, 0) == std::vector<bool>{true, false, false, true, false, false, true, false});
}

TEST_CASE("Thinning keeps its share, in runs") {
  Rng rng(9);
  Thinning thinning;
  int kept = 0, changes = 0;
  bool last = false;
  for (int i = 0; i < 20000; ++i) {
    const bool now = thinning.keep(0.4, rng);
    kept += now;
    changes += now != last;
    last = now;
  }
  CHECK(kept / 20000.0 == doctest::Approx(0.4).epsilon(0.05));
  CHECK(changes / 20000.0 < 0.3);  // independent draws would change 0.48 of the time
}
