// SPDX-License-Identifier: MIT
#include "torch/voices/source.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

using namespace auralis;
using namespace auralis::voices;

namespace {

const Network& shipped() {
  static const Network net = load_network(AURALIS_SOURCE_DIR "/lib/torch/voices/voices.weights");
  return net;
}

const ChordTones c_major{0, {0, 4, 7}};
const ChordTones g_major{7, {0, 4, 7}};
const ChordTones a_minor{9, {0, 3, 7}};

// All voicings of a chord with given outer voices.
std::vector<Voicing> voicings(const ChordTones& chord, int bass_pitch, int soprano_pitch, size_t voices) {
  std::vector<Voicing> found{{bass_pitch}};
  for (size_t i = 2; i < voices; ++i) {
    std::vector<Voicing> longer;
    for (const Voicing& begun : found) {
      for (int pitch = begun.back() + 1; pitch < soprano_pitch; ++pitch) {
        const int above = ((pitch - chord.root) % 12 + 12) % 12;
        if (std::find(chord.intervals.begin(), chord.intervals.end(), above) == chord.intervals.end())
          continue;
        longer.push_back(begun);
        longer.back().push_back(pitch);
      }
    }
    found = longer;
  }
  for (Voicing& voicing : found) voicing.push_back(soprano_pitch);
  return found;
}

// What is chosen after a phrase in C, all of it moved.
Voicing chosen_after_phrase(int shift, size_t voices = 4) {
  ModelVoices source(shipped());
  const auto moved = [&](Voicing voicing) {
    for (int& pitch : voicing) pitch += shift;
    return voicing;
  };
  const auto root = [&](ChordTones chord) {
    chord.root = (chord.root + shift + 12) % 12;
    return chord;
  };
  source.sounded(root(c_major), moved({48, 60, 64, 67}));
  source.sounded(root(a_minor), moved({45, 60, 64, 69}));
  source.sounded(root(g_major), moved({43, 59, 62, 71}));
  const std::vector<Voicing> open = voicings(root(c_major), 48 + shift, 72 + shift, voices);
  Voicing chosen = open[source.choose(root(c_major), open)];
  for (int& pitch : chosen) pitch -= shift;
  return chosen;
}

}  // namespace

TEST_CASE("Voices are led as in chorales: close to where they were, the chord whole") {
  const Voicing chosen = chosen_after_phrase(0);
  REQUIRE(chosen.size() == 4);
  // From G, D, B, G below: tenor 59 and alto 62 to tones of C near them.
  CHECK(std::abs(chosen[1] - 59) <= 5);
  CHECK(std::abs(chosen[2] - 62) <= 5);
  CHECK(std::any_of(chosen.begin(), chosen.end(), [](int pitch) { return pitch % 12 == 4; }));
  CHECK(std::any_of(chosen.begin(), chosen.end(), [](int pitch) { return pitch % 12 == 7; }));
}

TEST_CASE("The same chords in another key are led the same, but for how high they lie") {
  const Voicing chosen = chosen_after_phrase(0);
  int same = 0;
  for (int shift : {-3, -2, -1, 1, 2, 3}) same += chosen_after_phrase(shift) == chosen;
  CHECK(same >= 4);
}

TEST_CASE("One voicing of those offered is chosen, of three to six voices, wherever they lie") {
  ModelVoices source(shipped());
  for (int octave : {-24, 0, 24, 36}) {
    for (size_t voices : {3, 4, 5, 6}) {
      const std::vector<Voicing> open = voicings(g_major, 43 + octave, 74 + octave, voices);
      REQUIRE(open.size() > 1);
      const size_t chosen = source.choose(g_major, open);
      REQUIRE(chosen < open.size());
      source.sounded(g_major, open[chosen]);
    }
  }
  const std::vector<Voicing> one{{50, 55, 59}};
  CHECK(source.choose(g_major, one) == 0);
  const std::vector<Voicing> two{{50, 59}};
  CHECK(source.choose(g_major, two) == 0);
  source.sounded(g_major, {50, 59});
  source.sounded(g_major, {50});
}

TEST_CASE("Asked again it answers the same; what sounded before makes a difference") {
  const std::vector<Voicing> open = voicings(c_major, 48, 72, 4);
  int different = 0;
  for (const Voicing& before : voicings(g_major, 43, 71, 4)) {
    ModelVoices one(shipped());
    ModelVoices two(shipped());
    one.sounded(g_major, before);
    two.sounded(g_major, before);
    const size_t chosen = one.choose(c_major, open);
    CHECK(one.choose(c_major, open) == chosen);
    CHECK(two.choose(c_major, open) == chosen);
    ModelVoices fresh(shipped());
    different += fresh.choose(c_major, open) != chosen;
  }
  CHECK(different > 0);
}
