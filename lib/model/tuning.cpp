// SPDX-License-Identifier: MIT
#include "model/tuning.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/maths.h"
#include "model/music.h"

namespace auralis {
namespace {

constexpr double octave_cents = 1200.0;
constexpr double semitone_cents = 100.0;
constexpr int tones_of_keyboard = 12;
constexpr double greatest_stretch_cents = 50.0;  // of an octave that is still one
constexpr double decimals = 1e6;                 // of a pitch: a ten-thousandth of a cent
constexpr int middle_c = 60;

double cents_of(double ratio) { return octave_cents * maths::log2(ratio); }

std::vector<double> of_ratios(std::initializer_list<double> ratios) {
  std::vector<double> cents;
  for (const double ratio : ratios) cents.push_back(cents_of(ratio));
  return cents;
}

// Twelve tones of a chain of fifths, so many of them below degree 0.
std::vector<double> of_fifths(double fifth_cents, int below) {
  std::vector<double> cents(tones_of_keyboard);
  for (int n = -below; n < tones_of_keyboard - below; ++n) {
    const double up = n * fifth_cents;
    const double within = up - octave_cents * std::floor(up / octave_cents);
    const int degree = wrap(7 * n, tones_of_keyboard);
    if (degree > 0) cents[static_cast<size_t>(degree - 1)] = within;
  }
  cents.back() = octave_cents;
  return cents;
}

std::vector<double> of_steps(int count, double period_cents) {
  std::vector<double> cents;
  for (int n = 1; n <= count; ++n) cents.push_back(period_cents * n / count);
  return cents;
}

// Sources: Barbour, Tuning and Temperament, 1951 (meantone, Werckmeister's third: four fifths, C-G-D-A and B-F#, a quarter of
// the Pythagorean comma small; Vallotti: six of F to B a sixth of it). Ellis, On the Musical Scales of Various Nations,
// 1885 (slendro and pelog as he measured them). Mathews & Pierce, 1984 (Bohlen-Pierce in equal steps).
std::vector<Tuning> make_tunings() {
  const double comma_cents = 12.0 * cents_of(1.5) - 7.0 * octave_cents;
  const double fifth_cents = cents_of(1.5);
  const auto tempered = [&](std::initializer_list<int> small, double by_cents) {
    // small: the fifths, counted from C upwards, that are tempered
    std::vector<double> cents(tones_of_keyboard, octave_cents);
    double at = 0.0;
    for (int n = 0; n < tones_of_keyboard - 1; ++n) {
      const bool is_small = std::find(small.begin(), small.end(), n) != small.end();
      at += fifth_cents - (is_small ? by_cents : 0.0);
      cents[static_cast<size_t>(wrap(7 * (n + 1), tones_of_keyboard) - 1)] =
          at - octave_cents * std::floor(at / octave_cents);
    }
    return cents;
  };
  return {
      equal_temperament(),
      {.name = "just",
       .cents = of_ratios({16.0 / 15, 9.0 / 8, 6.0 / 5, 5.0 / 4, 4.0 / 3, 45.0 / 32, 3.0 / 2, 8.0 / 5,
                           5.0 / 3, 16.0 / 9, 15.0 / 8, 2.0}),
       .follows_chord = true},
      {.name = "pythagorean", .cents = of_fifths(fifth_cents, 5)},
      {.name = "meantone", .cents = of_fifths(cents_of(5.0) / 4.0, 5)},
      {.name = "werckmeister-iii", .cents = tempered({0, 1, 2, 5}, comma_cents / 4.0), .from_c = true},
      {.name = "vallotti", .cents = tempered({0, 1, 2, 3, 4, 11}, comma_cents / 6.0), .from_c = true},
      {.name = "harmonics",
       .cents = of_ratios({17.0 / 16, 9.0 / 8, 19.0 / 16, 5.0 / 4, 21.0 / 16, 11.0 / 8, 3.0 / 2, 13.0 / 8,
                           27.0 / 16, 7.0 / 4, 15.0 / 8, 2.0})},
      {.name = "slendro", .cents = {228.0, 484.0, 728.0, 960.0, 1200.0}},
      {.name = "pelog", .cents = {137.0, 446.0, 575.0, 687.0, 820.0, 1098.0, 1200.0}},
      {.name = "nineteen", .cents = of_steps(19, octave_cents)},
      {.name = "bohlen-pierce", .cents = of_steps(13, cents_of(3.0))},
  };
}

// The tone nearest to so many cents above degree 0, in whichever period.
double nearest_cents(const Tuning& tuning, double wanted_cents) {
  const double period = tuning.cents.empty() ? 0.0 : tuning.cents.back();
  double best = 0.0;
  double least = std::numeric_limits<double>::infinity();
  const size_t count = std::max<size_t>(tuning.cents.size(), 1);
  for (size_t degree = 0; degree < count; ++degree) {
    const double tone = degree == 0 ? 0.0 : tuning.cents[degree - 1];
    const double turns = std::abs(period) < 1e-9 ? 0.0 : std::round((wanted_cents - tone) / period);
    const double at = tone + turns * period;
    if (std::abs(at - wanted_cents) >= least) continue;
    least = std::abs(at - wanted_cents);
    best = at;
  }
  return best;
}

std::optional<int64_t> degree_of(const Tuning& tuning, const KeyMap& map, int key) {
  const int above = key - map.middle;
  if (map.degrees.empty()) return above;
  const auto size = static_cast<int>(map.degrees.size());
  const int place = wrap(above, size);
  const std::optional<int>& degree = map.degrees[static_cast<size_t>(place)];
  if (!degree) return std::nullopt;
  const int64_t turns = (above - place) / size;
  const int64_t octave =
      map.octave_degree != 0 ? map.octave_degree : static_cast<int64_t>(tuning.cents.size());
  return *degree + turns * octave;
}

KeyPitches mapped_pitches(const Tuning& tuning, const KeyMap& map, double shift_st) {
  KeyPitches pitches;
  const double at_reference =
      degree_cents(tuning, degree_of(tuning, map, map.reference_key).value_or(0)) / semitone_cents;
  const double reference = 69.0 + 12.0 * maths::log2(map.reference_hz / standard_hz) + shift_st;
  for (int key = 0; key < key_count; ++key) {
    std::optional<double>& pitch = pitches[static_cast<size_t>(key)];
    if (key < map.first || key > map.last) {
      pitch = key + shift_st;
    } else if (const auto degree = degree_of(tuning, map, key)) {
      pitch = reference + (degree_cents(tuning, *degree) / semitone_cents - at_reference);
    }
  }
  return pitches;
}

}  // namespace

const Tuning& equal_temperament() {
  static const Tuning equal{.name = "equal", .cents = of_steps(tones_of_keyboard, octave_cents)};
  return equal;
}

bool is_equal(const Tuning& tuning) {
  return !tuning.keys && !tuning.follows_chord && tuning.cents == equal_temperament().cents;
}

std::span<const Tuning> tunings() {
  static const std::vector<Tuning> all = make_tunings();
  return all;
}

std::span<const std::string_view> tuning_names() {
  static const auto names = [] {
    std::vector<std::string_view> all;
    for (const Tuning& tuning : tunings()) all.emplace_back(tuning.name);
    return all;
  }();
  return names;
}

const Tuning* find_tuning(std::string_view name) {
  const auto found = std::find_if(tunings().begin(), tunings().end(),
                                  [name](const Tuning& tuning) { return tuning.name == name; });
  return found == tunings().end() ? nullptr : &*found;
}

Tuning for_keyboard(Tuning tuning) {
  if (tuning.keys || tuning.follows_chord) return tuning;
  tuning.from_c = true;
  if (find_tuning(tuning.name) == nullptr && tuning.cents.size() != tones_of_keyboard) {
    tuning.keys = KeyMap{.middle = middle_c,
                         .reference_key = middle_c,
                         .reference_hz = standard_hz * maths::exp2((middle_c - 69) / 12.0)};
  }
  return tuning;
}

double degree_cents(const Tuning& tuning, int64_t degree) {
  const auto size = static_cast<int64_t>(tuning.cents.size());
  if (size == 0) return 0.0;
  const int64_t within = ((degree % size) + size) % size;
  const auto turns = static_cast<double>((degree - within) / size);
  return turns * tuning.cents.back() + (within == 0 ? 0.0 : tuning.cents[static_cast<size_t>(within - 1)]);
}

double reference_st(double reference_hz) { return 12.0 * maths::log2(reference_hz / standard_hz); }

KeyPitches key_pitches(const Tuning& tuning, double reference_hz, int tonic) {
  const double shift_st = reference_st(reference_hz);
  KeyPitches pitches;
  if (tuning.keys) {
    pitches = mapped_pitches(tuning, *tuning.keys, shift_st);
  } else {
    const int root = tuning.from_c ? 0 : tonic;
    const int anchor = middle_c + (root > 6 ? root - tones_of_keyboard : root);
    const bool key_by_key = tuning.cents.size() == tones_of_keyboard &&
                            std::abs(tuning.cents.back() - octave_cents) <= greatest_stretch_cents;
    for (int key = 0; key < key_count; ++key) {
      const double cents = key_by_key ? degree_cents(tuning, key - anchor)
                                      : nearest_cents(tuning, semitone_cents * (key - anchor));
      pitches[static_cast<size_t>(key)] = anchor + shift_st + cents / semitone_cents;
    }
  }
  for (std::optional<double>& pitch : pitches) {
    if (pitch) pitch = std::round(*pitch * decimals) / decimals;
  }
  return pitches;
}

}  // namespace auralis
