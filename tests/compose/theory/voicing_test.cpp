// SPDX-License-Identifier: MIT
#include "compose/theory/voicing.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "compose/preset/harmony_tables.h"

using namespace auralis;

namespace {

int held(const std::vector<int>& before, const std::vector<int>& after) {
  return static_cast<int>(std::count_if(after.begin(), after.end(), [&](int p) {
    return std::find(before.begin(), before.end(), p) != before.end();
  }));
}

}  // namespace

TEST_CASE(
    "No voicing within the limits holds more tones, and none that holds as many and says as much moves "
    "less") {
  // Every four-note combination, counted out independently of the search.
  const Scale scale{9, find_mode("aeolian")};
  const VoicingLimits limits{52, 76, 4, 3, 9};
  Rng rng(5);
  std::vector<int> before;
  for (int round = 0; round < 60; ++round) {
    const Chord chord =
        choose_chord(scale, installed_harmony_tables().at("aeolian"), static_cast<int>(rng.index(7)),
                     {1, 1, 1, 1, 1, 1, 1, 1}, rng.uniform(), rng);
    const std::vector<int> answer = voice_chord(chord, before, limits);
    REQUIRE(answer.size() == 4);
    int best_held = -1;
    for (int pass = 0; pass < 2; ++pass) {
      for (int a = 52; a <= 76; ++a)
        for (int b = a + 3; b <= std::min(a + 9, 76); ++b)
          for (int c = b + 3; c <= std::min(b + 9, 76); ++c)
            for (int d = c + 3; d <= std::min(c + 9, 76); ++d) {
              const std::vector<int> other{a, b, c, d};
              if (!std::all_of(other.begin(), other.end(), [&](int p) { return chord.contains(p); }))
                continue;
              if (pass == 0) {
                best_held = std::max(best_held, held(before, other));
                continue;
              }
              if (held(before, other) != best_held) continue;
              std::vector<bool> said(12, false);
              for (int p : other) said[static_cast<size_t>(p % 12)] = true;
              const bool complete = std::all_of(chord.intervals.begin(), chord.intervals.end(), [&](int i) {
                return said[static_cast<size_t>((chord.root + i) % 12)];
              });
              if (complete) CHECK(movement_st(before, other) >= movement_st(before, answer));
            }
    }
    CHECK(held(before, answer) == best_held);
    before = answer;
  }
}

TEST_CASE("A voicing keeps to range, order, spacing and the chord, whatever the chord and the range") {
  Rng rng(6);
  for (const Mode& mode : modes()) {
    std::vector<int> before;
    for (int round = 0; round < 40; ++round) {
      const Scale scale{static_cast<int>(rng.index(12)), &mode};
      const Chord chord = choose_chord(scale, installed_harmony_tables().find(mode.name)->second,
                                       static_cast<int>(rng.index(mode.steps.size())),
                                       {1, 1, 1, 1, 1, 1, 1, 1}, rng.uniform(), rng);
      VoicingLimits limits;
      limits.low = 43 + static_cast<int>(rng.index(16));
      limits.high = limits.low + 28 + static_cast<int>(rng.index(8));
      limits.voices = 2 + static_cast<int>(rng.index(4));
      const std::vector<int> voicing = voice_chord(chord, before, limits);
      CHECK(static_cast<int>(voicing.size()) == limits.voices);
      for (size_t i = 0; i < voicing.size(); ++i) {
        CHECK(chord.contains(voicing[i]));
        CHECK(voicing[i] >= limits.low);
        CHECK(voicing[i] <= limits.high);
        if (i > 0) CHECK(voicing[i] > voicing[i - 1]);
      }
      before = voicing;
    }
  }
}

TEST_CASE("Movement counts semitones voice by voice, six for one that enters or leaves") {
  CHECK(movement_st({60, 64, 67}, {60, 65, 69}) == 3);
  CHECK(movement_st({60, 64, 67}, {60, 67}) == 6);
  CHECK(movement_st({60, 67}, {60, 64, 68}) == 7);
  CHECK(movement_st({}, {60, 64, 68}) == 0);
}

TEST_CASE(
    "Voicings as good as another keep its outer voices, its common tones and all that it says, and move "
    "little more") {
  const Scale scale{2, find_mode("dorian")};
  const VoicingLimits limits{50, 76, 4, 3, 9, -1};
  Rng rng(6);
  std::vector<int> before;
  int choices = 0;
  for (int round = 0; round < 200; ++round) {
    const Chord chord =
        choose_chord(scale, installed_harmony_tables().at("dorian"), static_cast<int>(rng.index(7)),
                     {1, 1, 1, 1, 1, 1, 1, 1}, rng.uniform(), rng);
    const std::vector<int> best = voice_chord(chord, before, limits);
    const std::vector<std::vector<int>> open = voicings_like(best, chord, before, limits);
    CHECK(std::count(open.begin(), open.end(), best) == 1);
    const auto said = [&](const std::vector<int>& voicing) {
      return std::count_if(chord.intervals.begin(), chord.intervals.end(), [&](int interval) {
        return std::any_of(voicing.begin(), voicing.end(),
                           [&](int pitch) { return wrap(pitch - chord.root, 12) == interval; });
      });
    };
    for (const std::vector<int>& voicing : open) {
      CHECK(voicing.size() == best.size());
      CHECK(std::is_sorted(voicing.begin(), voicing.end()));
      CHECK(voicing.front() == best.front());
      CHECK(voicing.back() == best.back());
      CHECK(std::all_of(voicing.begin(), voicing.end(), [&](int pitch) { return chord.contains(pitch); }));
      CHECK(held(before, voicing) >= held(before, best) - fewer_held);
      CHECK(said(voicing) >= said(best));
      CHECK(movement_st(before, voicing) <= movement_st(before, best) + more_movement_st);
    }
    choices += open.size() > 1;
    before = best;
  }
  CHECK(choices > 20);
}
