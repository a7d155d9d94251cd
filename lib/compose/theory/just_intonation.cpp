// SPDX-License-Identifier: MIT
#include "compose/theory/just_intonation.h"

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <vector>

#include "model/maths.h"
#include "model/music.h"

namespace auralis {
namespace {

constexpr int classes_of_octave = 12;
constexpr double fifth = maths::log2(3.0);  // octaves aside
constexpr double third = maths::log2(5.0);

// An interval as so many pure fifths and thirds.
struct Tone {
  int fifths;
  int thirds;
};

// What an interval of so many semitones may be, the simplest first: 1, 16/15 and 256/243, 9/8 and 10/9, 6/5 and 32/27, 5/4
// and 81/64, 4/3 and 27/20, 45/32 and 64/45, 3/2 and 40/27, 8/5 and 128/81, 5/3 and 27/16, 16/9 and 9/5, 15/8 and 243/128.
constexpr std::array<std::array<Tone, 2>, classes_of_octave> choices{{{{{0, 0}, {0, 0}}},
                                                                      {{{-1, -1}, {-5, 0}}},
                                                                      {{{2, 0}, {-2, 1}}},
                                                                      {{{1, -1}, {-3, 0}}},
                                                                      {{{0, 1}, {4, 0}}},
                                                                      {{{-1, 0}, {3, -1}}},
                                                                      {{{2, 1}, {-2, -1}}},
                                                                      {{{1, 0}, {-3, 1}}},
                                                                      {{{0, -1}, {-4, 0}}},
                                                                      {{{-1, 1}, {3, 0}}},
                                                                      {{{-2, 0}, {2, -1}}},
                                                                      {{{1, 1}, {5, 0}}}}};

double distance(const Tone& a, const Tone& b) {
  return std::abs(a.fifths - b.fifths) * fifth + std::abs(a.thirds - b.thirds) * third;
}

// Cents from so many semitones of equal temperament, the nearest octave's.
double off(const Tone& tone, int semitones) {
  const double octaves = tone.fifths * fifth + tone.thirds * third - semitones / 12.0;
  return 1200.0 * (octaves - std::round(octaves));
}

const std::array<Tone, 2>& choices_of(int interval) {
  return choices[static_cast<size_t>(wrap(interval, 12))];
}

// The choice for each interval that makes them simplest together; the root is 0 and among them.
std::vector<Tone> simplest(const std::vector<int>& intervals) {
  const size_t count = intervals.size();
  std::vector<Tone> best;
  double least = std::numeric_limits<double>::infinity();
  for (size_t which = 0; which < size_t{1} << count; ++which) {
    std::vector<Tone> tones;
    double sum = 0.0;
    for (size_t i = 0; i < count; ++i) {
      tones.push_back(choices_of(intervals[i])[which >> i & 1]);
      for (size_t j = 0; j < i; ++j) sum += distance(tones[i], tones[j]);
    }
    if (sum >= least - 1e-9) continue;
    least = sum;
    best = tones;
  }
  return best;
}

}  // namespace

std::array<double, 12> just_offsets(int tonic, int root, std::span<const int> classes,
                                    std::span<const HeldTone> held) {
  std::vector<int> intervals{0};
  std::array<bool, classes_of_octave> in_chord{true};
  for (const int pitch_class : classes) {
    const int interval = wrap(pitch_class - root, classes_of_octave);
    if (!in_chord[static_cast<size_t>(interval)]) intervals.push_back(interval);
    in_chord[static_cast<size_t>(interval)] = true;
  }
  std::vector<Tone> tones = simplest(intervals);
  const size_t of_chord = tones.size();
  for (int interval = 1; interval < classes_of_octave; ++interval) {
    if (in_chord[static_cast<size_t>(interval)]) continue;
    const auto sum = [&](const Tone& tone) {
      double all = 0.0;
      for (size_t i = 0; i < of_chord; ++i) all += distance(tone, tones[i]);
      return all;
    };
    const auto& [first, second] = choices_of(interval);
    intervals.push_back(interval);
    tones.push_back(sum(second) < sum(first) - 1e-9 ? second : first);
  }
  std::array<double, classes_of_octave> best{};
  double least = std::numeric_limits<double>::infinity();
  for (const Tone& at : choices_of(root - tonic)) {
    std::array<double, classes_of_octave> offsets{};
    for (size_t i = 0; i < tones.size(); ++i) {
      const Tone tone{at.fifths + tones[i].fifths, at.thirds + tones[i].thirds};
      offsets[static_cast<size_t>(wrap(root + intervals[i], classes_of_octave))] =
          off(tone, root - tonic + intervals[i]);
    }
    double moved = std::abs(offsets[static_cast<size_t>(wrap(tonic, classes_of_octave))]);
    for (const HeldTone& tone : held)
      moved += std::abs(offsets[static_cast<size_t>(wrap(tone.pitch_class, classes_of_octave))] - tone.cents);
    if (moved >= least - 1e-6) continue;
    least = moved;
    best = offsets;
  }
  return best;
}

}  // namespace auralis
