// SPDX-License-Identifier: MIT
#include "model/tuning.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "model/layer.h"
#include "model/tuning_json.h"

using namespace auralis;

namespace {

double hz(double pitch) { return 440.0 * std::exp2((pitch - 69.0) / 12.0); }
double cents_between(double a_hz, double b_hz) { return 1200.0 * std::log2(b_hz / a_hz); }

double pitch(const Tuning& tuning, int key, double reference_hz = 440.0, int tonic = 0) {
  return key_pitches(tuning, reference_hz, tonic)[static_cast<size_t>(key)].value();
}

}  // namespace

TEST_CASE("Equal temperament at A = 440 Hz leaves every key exactly where it is") {
  for (int tonic = 0; tonic < 12; ++tonic) {
    for (int key = 0; key < key_count; ++key) CHECK(pitch(equal_temperament(), key, 440.0, tonic) == key);
  }
}

TEST_CASE("A is at its reference pitch, and all else as far from it as before") {
  for (const double reference : {415.0, 432.0, 442.5, 466.0}) {
    CHECK(std::abs(cents_between(hz(pitch(equal_temperament(), 69, reference)), reference)) < 1e-3);
    CHECK(std::abs(pitch(equal_temperament(), 81, reference) - pitch(equal_temperament(), 69, reference) -
                   12.0) < 2e-6);
  }
}

TEST_CASE("Built-in tunings have the intervals they are known for, to a thousandth of a cent") {
  const auto fifth_on = [](const char* name, int degree) {
    return degree_cents(*find_tuning(name), degree + 7) - degree_cents(*find_tuning(name), degree);
  };
  const double pure = 1200.0 * std::log2(1.5);
  const double comma = 12 * pure - 8400.0;
  CHECK(std::abs(fifth_on("pythagorean", 0) - pure) < 1e-3);
  CHECK(std::abs(degree_cents(*find_tuning("meantone"), 4) - 1200.0 * std::log2(1.25)) < 1e-3);
  CHECK(std::abs(fifth_on("meantone", 2) - 696.578) < 1e-3);
  for (const int tempered : {0, 7, 2, 11})  // C, G, D, B
    CHECK(std::abs(fifth_on("werckmeister-iii", tempered) - (pure - comma / 4.0)) < 1e-3);
  for (const int pure_fifth : {9, 4, 6, 1, 8, 3, 10, 5})
    CHECK(std::abs(fifth_on("werckmeister-iii", pure_fifth) - pure) < 1e-3);
  for (const int tempered : {5, 0, 7, 2, 9, 4})
    CHECK(std::abs(fifth_on("vallotti", tempered) - (pure - comma / 6.0)) < 1e-3);
  for (const int pure_fifth : {11, 6, 1, 8, 3, 10})
    CHECK(std::abs(fifth_on("vallotti", pure_fifth) - pure) < 1e-3);
  CHECK(std::abs(degree_cents(*find_tuning("bohlen-pierce"), 13) - 1901.955) < 1e-3);
}

TEST_CASE("A scale of twelve tones stands on the tonic, a well-temperament on C") {
  const Tuning& just = *find_tuning("pythagorean");
  CHECK(std::abs(pitch(just, 62, 440.0, 2) - 62.0) < 1e-9);
  CHECK(std::abs(pitch(just, 69, 440.0, 2) - 69.01955) < 1e-5);
  const Tuning& well = *find_tuning("werckmeister-iii");
  for (int key = 48; key < 72; ++key) CHECK(pitch(well, key, 440.0, 0) == pitch(well, key, 440.0, 7));
  CHECK(std::abs(pitch(well, 60) - 60.0) < 1e-9);
}

TEST_CASE("In a scale of another size every key has the tone nearest to it, and order is kept") {
  for (const char* name : {"slendro", "pelog", "nineteen", "bohlen-pierce"}) {
    const Tuning& tuning = *find_tuning(name);
    const KeyPitches pitches = key_pitches(tuning, 440.0, 2);
    CHECK(std::abs(*pitches[62] - 62.0) < 1e-9);
    for (size_t key = 1; key < pitches.size(); ++key) {
      CHECK(*pitches[key] >= *pitches[key - 1]);
      CHECK(std::abs(*pitches[key] - static_cast<double>(key)) < 1.6);
    }
  }
  CHECK(std::abs(pitch(*find_tuning("slendro"), 74, 440.0, 2) - 74.0) < 1e-9);  // octaves are kept
}

TEST_CASE("A mapping places degrees on keys, keeps keys silent, and leaves those beyond its range alone") {
  Tuning tuning{.name = "white", .cents = {200.0, 400.0, 500.0, 700.0, 900.0, 1100.0, 1200.0}};
  tuning.keys = KeyMap{.first = 48,
                       .last = 83,
                       .middle = 60,
                       .reference_key = 69,
                       .reference_hz = 432.0,
                       .octave_degree = 7,
                       .degrees = {0, {}, 1, {}, 2, 3, {}, 4, {}, 5, {}, 6}};
  const KeyPitches pitches = key_pitches(tuning, 440.0, 5);
  CHECK(std::abs(cents_between(hz(*pitches[69]), 432.0)) < 1e-3);
  CHECK(std::abs(*pitches[60] - (*pitches[69] - 9.0)) < 2e-6);
  CHECK(std::abs(*pitches[72] - *pitches[60] - 12.0) < 2e-6);
  CHECK(!pitches[61]);
  CHECK(*pitches[84] == 84.0);
  CHECK(*pitches[47] == 47.0);
}

TEST_CASE("Without entries a mapping goes key by key, and its octave is the scale's") {
  Tuning tuning{.name = "nineteen"};
  for (int n = 1; n <= 19; ++n) tuning.cents.push_back(1200.0 * n / 19);
  tuning.keys = KeyMap{.middle = 60, .reference_key = 60, .reference_hz = 261.6255653};
  CHECK(std::abs(pitch(tuning, 79) - 72.0) < 1e-5);
  CHECK(std::abs(pitch(tuning, 61) - 60.631579) < 1e-5);
  const Tuning played = for_keyboard({.name = "own", .cents = tuning.cents});
  CHECK(std::abs(pitch(played, 61) - 60.631579) < 1e-5);
}

TEST_CASE("A tuning there and back as JSON is the same") {
  Tuning tuning{.name = "own", .cents = {100.5, 701.955, 1200.0}};
  CHECK(tuning_from_json(tuning_json(tuning), "scale") == tuning);
  tuning.keys = KeyMap{.middle = 62, .octave_degree = 3, .degrees = {0, {}, 2}};
  CHECK(tuning_from_json(tuning_json(tuning), "scale") == tuning);
}

TEST_CASE("The names of built-in tunings can stand in a control") {
  for (const std::string_view name : tuning_names()) CHECK(is_layer_name(name));
}
