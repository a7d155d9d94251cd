// SPDX-License-Identifier: MIT
#include "torch/melody/line.h"

#include <doctest/doctest.h>
#include <set>

#include "base/error.h"
#include "base/io.h"
#include "refusal.h"
#include "temporary_folder.h"
#include "torch/melody/pieces.h"

using namespace auralis;
using namespace auralis::melody;

TEST_CASE("The key of a piece is found wherever the piece is put") {
  for (int shift = -5; shift <= 6; ++shift) {
    for (bool minor : {false, true}) {
      const Key key = find_key(small_piece(3, minor, shift));
      CHECK(key.tonic == ((minor ? 9 : 0) + shift + 12) % 12);
      CHECK(key.mode->name == (minor ? "aeolian" : "ionian"));
    }
  }
}

TEST_CASE("A piece has the same degrees, chords, places and lengths in every key") {
  for (bool minor : {false, true}) {
    const auto lines = lines_of(small_piece(8, minor, 0));
    for (int shift = -5; shift <= 6; ++shift) {
      const auto moved = lines_of(small_piece(8, minor, shift));
      for (size_t part = 0; part < part_count; ++part) {
        REQUIRE(moved[part].size() == lines[part].size());
        const int octaves = moved[part][0].symbol - lines[part][0].symbol;
        CHECK(octaves % (2 * degree_count) == 0);
        for (size_t i = 0; i < lines[part].size(); ++i) {
          CHECK(moved[part][i].symbol - lines[part][i].symbol == octaves);
          CHECK(moved[part][i].length == lines[part][i].length);
          CHECK(moved[part][i].condition.chord_degree == lines[part][i].condition.chord_degree);
          CHECK(moved[part][i].condition.place == lines[part][i].condition.place);
          CHECK(moved[part][i].condition.alteration == lines[part][i].condition.alteration);
        }
      }
    }
  }
}

TEST_CASE("The root of a chord is found whatever its inversion and whatever it lacks") {
  const Key c_major{0, find_mode("ionian")};
  CHECK(find_chord_degree({76, 72, 67, 48}, c_major) == 0);
  CHECK(find_chord_degree({72, 67, 60, 52}, c_major) == 0);   // first inversion
  CHECK(find_chord_degree({65, 62, 59, 55}, c_major) == 4);   // G7
  CHECK(find_chord_degree({74, 69, 65, 50}, c_major) == 1);   // D minor
  CHECK(find_chord_degree({-1, 69, 65, 53}, c_major) == 3);   // F without a soprano
  CHECK(find_chord_degree({68, 64, 59, 52}, c_major) == 2);   // E major, borrowed: still on the third degree
  CHECK(find_chord_degree({-1, -1, -1, -1}, c_major) == -1);  // silence
  const Key a_minor{9, find_mode("aeolian")};
  CHECK(find_chord_degree({68, 64, 59, 52}, a_minor) == 4);  // E major, the dominant with its leading tone
}

TEST_CASE(
    "Within a mode every pitch of the octave has a symbol of its own, and an octave is fourteen symbols") {
  for (const Mode& mode : modes()) {
    const auto alteration = alterations(mode);
    if (mode.name == "harmonic-minor") continue;  // two pitches lie between its sixth and seventh
    std::set<int> symbols;
    for (int pitch = 60; pitch < 72; ++pitch) {
      symbols.insert(symbol_of(pitch, 60, alteration));
      CHECK(symbol_of(pitch + 12, 60, alteration) == symbol_of(pitch, 60, alteration) + 2 * degree_count);
    }
    CHECK(symbols.size() == 12);
    for (size_t step = 0; step < mode.steps.size(); ++step) {
      // What is in the mode is not chromatic.
      CHECK(symbol_of(60 + mode.steps[step], 60, alteration) % 2 == 0);
    }
  }
}

TEST_CASE("A pitch out of reach keeps its degree") {
  const auto alteration = alterations(*find_mode("dorian"));
  for (int pitch = 0; pitch <= 127; ++pitch) {
    const int symbol = symbol_of(pitch, 66, alteration);
    CHECK(symbol >= 0);
    CHECK(symbol < silence);
    CHECK((symbol - symbol_of(66 + (pitch - 66 + 120) % 12, 66, alteration)) % (2 * degree_count) == 0);
  }
}

TEST_CASE("A pentatonic's chord degrees are counted among the seven of its parent mode") {
  CHECK(degree_of_seven(*find_mode("major-pentatonic"), 3) == 4);
  CHECK(degree_of_seven(*find_mode("minor-pentatonic"), 1) == 2);
  CHECK(degree_of_seven(*find_mode("phrygian"), 1) == 1);
  CHECK(degree_of_seven(*find_mode("ionian"), 9) == 2);
}

TEST_CASE("A tone of a chord has the same index on every chord and in every octave") {
  const int home = 2 * steps_each_way;
  for (int degree = 0; degree < degree_count; ++degree) {
    const int root = home + 2 * degree;
    const int third_below = root + 4 - 2 * degree_count;  // an octave lower
    CHECK(relative_index(root, degree) == 0);
    CHECK(relative_index(third_below, degree) == 4);
    CHECK(relative_index(root + 1, degree) == 1);  // a chromatic tone above the root
  }
}

TEST_CASE("The home of a line is its tonic within half an octave of the centre") {
  for (int tonic = 0; tonic < 12; ++tonic) {
    for (int centre = 40; centre < 90; ++centre) {
      const int home = home_pitch(tonic, centre);
      CHECK(home % 12 == tonic);
      CHECK(home >= centre - 6);
      CHECK(home < centre + 6);
    }
  }
}

TEST_CASE(
    "A run of equal pitch is one note, silence included, and its place is counted from the last bar line") {
  Piece piece;
  for (int i = 0; i < 20; ++i) piece.push_back({i < 4 ? 67 : i < 12 ? 72 : -1, 64, 60, 48});
  const Line soprano = lines_of(piece).front();
  REQUIRE(soprano.size() == 3);
  CHECK(length_sixteenths[static_cast<size_t>(soprano[0].length)] == 4);
  CHECK(length_sixteenths[static_cast<size_t>(soprano[1].length)] == 8);
  CHECK(soprano[2].symbol == silence);
  CHECK(soprano[0].condition.place == 12);
  CHECK(soprano[1].condition.place == 0);
  CHECK(soprano[2].condition.place == 8);
}

TEST_CASE("A corpus of another shape is refused with the file, the line and the place") {
  const test::TemporaryFolder folder;
  const auto file = folder / "corpus.json";
  const auto message = [&](const char* text) {
    write_file(file, text);
    return test::refusal([&] { read_corpus(file); });
  };
  const auto says = [&](const char* text, const std::string& what) {
    test::check_begins(message(text), file.string() + ":" + what);
  };
  says("{\"train\":\n[[}", "2: not JSON");
  says("", "1: not JSON");
  says("[]", "1: the whole");
  says("{\"train\": 3}", "1: train");
  says("{\"valid\": [[[60, 60, 60, 60], [60, 60, 60]]]}", "1: valid[0][1]");
  says("{\"train\": [[[60, 60, 60, 128]]]}", "1: train[0][0]");
  says("{\"train\": [[[60, 60, 60, 1.5]]]}", "1: train[0][0]");
  says("{\"train\": [[]]}", "1: train[0]");
  CHECK(message("{\"train\": [[[60, 57, -1, 45]]]}").empty());
}
