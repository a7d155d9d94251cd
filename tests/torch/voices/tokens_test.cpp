// SPDX-License-Identifier: MIT
#include "torch/voices/tokens.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "torch/melody/pieces.h"

using namespace auralis;
using namespace auralis::voices;

namespace {

Harmony of(std::vector<int> pitches) { return harmony_of(pitches); }

}  // namespace

TEST_CASE("Chords are named by third and fifth, in any position and whatever the seventh") {
  CHECK(of({60, 64, 67}) == Harmony{major, 0});
  CHECK(of({64, 67, 72}) == Harmony{major, 0});
  CHECK(of({55, 65, 71, 74}) == Harmony{major, 7});  // G7
  CHECK(of({57, 60, 64, 67}) == Harmony{minor, 9});  // Am7, not C6
  CHECK(of({60, 64, 67, 69}) == Harmony{minor, 9});  // its first inversion
  CHECK(of({62, 65, 69, 77}) == Harmony{minor, 2});
  CHECK(of({59, 62, 65}) == Harmony{diminished, 11});
  CHECK(of({59, 62, 65, 68}) == Harmony{diminished, 11});  // of four roots the lowest tone
  CHECK(of({60, 64, 68}) == Harmony{augmented, 0});
  CHECK(of({60, 64}) == Harmony{major, 0});
  CHECK(of({60, 67}) == Harmony{other, -1});      // no third
  CHECK(of({60, 65, 67}) == Harmony{other, -1});  // suspended
  CHECK(of({-1, -1}) == Harmony{silence, -1});
  CHECK(of({-1, 62, 66, 69}) == Harmony{major, 2});
}

TEST_CASE("A song moved is the same song: what the model is told of harmony does not know the key") {
  const melody::Piece piece = melody::small_piece(3, false, -5);
  const Song song = song_of(piece);
  const Song moved = song_of(piece, 3);
  REQUIRE(song.size() == piece.size());
  Past past = beginning(song.front());
  Past other = beginning(moved.front());
  for (size_t i = 0; i < song.size(); ++i) {
    const Inputs a = inputs_of(past);
    const Inputs b = inputs_of(other);
    for (size_t k = 0; k < a.size(); ++k) {
      const bool height = k >= 15 && k < 19;  // the pitches themselves
      if (!height) CHECK(a[k] == b[k]);
      if (height && a[k] < silent) CHECK(b[k] == a[k] + 3);
    }
    CHECK(chord_index(song[i].harmony, past.root) == chord_index(moved[i].harmony, other.root));
    for (int voice = 0; voice < voice_count; ++voice)
      CHECK(known_of(past, song[i], voice) == known_of(other, moved[i], voice));
    past.add(song[i]);
    other.add(moved[i]);
  }
}

TEST_CASE("Every index lies in its table, for silence and for pitches out of range, too") {
  melody::Piece piece = melody::small_piece(5, true, -2);
  piece[3] = {-1, -1, -1, -1};
  piece[9] = {100, -1, 20, 0};
  piece[10] = {127, 127, 127, 127};
  const Song song = song_of(piece);
  Past past = beginning(song.front());
  for (const Step& step : song) {
    const Inputs inputs = inputs_of(past);
    for (size_t i = 0; i < inputs.size(); ++i) {
      CHECK(inputs[i] >= 0);
      CHECK(inputs[i] < input_tables[i]);
    }
    for (int voice = 0; voice < voice_count; ++voice) {
      const Known known = known_of(past, step, voice);
      for (size_t i = 0; i < static_cast<size_t>(known_count(voice)); ++i) {
        CHECK(known[i] >= 0);
        CHECK(known[i] < known_tables[i]);
      }
      CHECK(step.pitch[static_cast<size_t>(voice)] <= silent);
    }
    past.add(step);
    const double sum = std::accumulate(past.heard.begin(), past.heard.end(), 0.0);
    CHECK(sum == doctest::Approx(1.0));
  }
  CHECK(song[3] == Step{});
}

TEST_CASE("What is held is counted from its onset") {
  const Step c = step_of({72, 48, 67, 64});
  const Step passing = step_of({74, 48, 67, 64});
  Past past = beginning(c);
  past.add(c);
  CHECK(past.held == std::array<int, 5>{0, 0, 0, 0, 0});
  past.add(c);
  past.add(passing);
  CHECK(past.held[1 + soprano] == 0);
  CHECK(past.held[1 + bass] == 2);
  CHECK(past.held[1 + tenor] == 2);
  CHECK(past.held[0] == 2);  // still C, with a ninth
}

TEST_CASE("A piece may be moved as far as its voices have room") {
  const auto [down, up] = room_of({{70, 60, 50, 40}, {-1, 62, 50, 41}});
  CHECK(down == lowest - 40);
  CHECK(up == highest - 70);
}
