// SPDX-License-Identifier: MIT
#include "compose/theory/harmony.h"

#include <algorithm>
#include <cmath>

namespace auralis {
namespace {

using Intervals = std::vector<int>;

// 0 plain … 1 rich: which colours come forward as the music grows intense.
constexpr ColourWeights richness{0.2, 0.65, 0.9, 0.5, 0.25, 0.4, 0.7, 0.35};

// Factors on the odds.
constexpr double dominant_to_tonic = 0.02;
constexpr double going_straight_back = 0.5;
constexpr double least_nearness = 0.05;  // of a colour at the other end of richness
constexpr double bare_tritone_or_augmented_fifth = 0.1;

}  // namespace

std::optional<Chord> make_chord(const Scale& scale, int degree, Colour colour) {
  const int root = scale.pitch_at(degree);
  const auto [third, fifth, seventh] = stacked_thirds(scale, degree);
  const auto in = [&](std::initializer_list<int> intervals) {
    return std::all_of(intervals.begin(), intervals.end(),
                       [&](int i) { return i > 0 && scale.contains(root + i); });
  };
  const auto chord = [&](Intervals intervals) { return named_chord(scale, root, std::move(intervals)); };
  switch (colour) {
    case Colour::triad:
      if (in({third, fifth})) return chord({0, third, fifth});
      break;
    case Colour::seventh:
      if (in({third, fifth, seventh})) return chord({0, third, fifth, seventh});
      break;
    case Colour::ninth:
      if (fifth == fifth_st && in({2, third, fifth, seventh})) return chord({0, 2, third, fifth, seventh});
      break;
    case Colour::add9:
      if (fifth == fifth_st && in({2, third, fifth})) return chord({0, 2, third, fifth});
      break;
    case Colour::sus2:
    case Colour::sus4:
    case Colour::quartal:
    case Colour::quintal: {
      const std::span<const int> shape = chord_shape(colour_names[static_cast<size_t>(colour)]);
      if (std::all_of(shape.begin(), shape.end(), [&](int i) { return scale.contains(root + i); }))
        return chord({shape.begin(), shape.end()});
      break;
    }
    case Colour::count:
      break;
  }
  return std::nullopt;
}

std::span<const double> HarmonyTable::row(int before, int last) const {
  const auto exact = rows.find({before, last});
  return exact != rows.end() ? exact->second : rows.at({-1, last});
}

int next_degree(const Scale& scale, const HarmonyTable& table, int before, int last,
                std::span<const int> allowed, Rng& rng) {
  const bool from_dominant = last >= 0 && scale.mode->steps[static_cast<size_t>(last)] == fifth_st;
  std::vector<double> weights(allowed.size(), 0.0);
  bool elsewhere = false;  // the table leads somewhere that is not barred
  for (size_t i = 0; i < allowed.size(); ++i) {
    const int to = allowed[i];
    if (to == last) continue;
    const bool barred = from_dominant && to == 0;
    weights[i] = last < 0 ? 1.0 : table.row(before, last)[static_cast<size_t>(to)];
    if (to == before) weights[i] *= going_straight_back;
    if (barred) weights[i] *= dominant_to_tonic;
    elsewhere = elsewhere || (!barred && weights[i] > 0.0);
  }
  if (!elsewhere) {
    for (size_t i = 0; i < allowed.size(); ++i) {
      weights[i] = allowed[i] == last ? 0.0 : from_dominant && allowed[i] == 0 ? dominant_to_tonic : 1.0;
    }
  }
  return allowed[rng.weighted(weights)];
}

Chord choose_chord(const Scale& scale, const HarmonyTable& table, int degree, const ColourWeights& weights,
                   double intensity, Rng& rng, int tone) {
  if (tone != any_tone && !has_chord_with(scale, degree, weights, tone)) tone = any_tone;
  std::vector<Chord> chords;
  std::vector<double> odds;
  const auto factors = table.colours.find(degree);
  for (size_t c = 0; c < colour_count; ++c) {
    std::optional<Chord> chord = make_chord(scale, degree, static_cast<Colour>(c));
    double weight = weights[c] * (factors == table.colours.end() ? 1.0 : factors->second[c]);
    if (!chord || weight <= 0.0 || (tone != any_tone && !chord->contains(tone))) continue;
    const double nearness = 1.0 - std::abs(intensity - richness[c]);
    weight *= std::max(least_nearness, nearness * nearness * nearness);
    // A bare diminished or augmented triad asks for a resolution that the chain does not promise.
    if (chord->intervals.size() == 3 &&
        (has_interval(chord->intervals, 6) || has_interval(chord->intervals, 8)))
      weight *= bare_tritone_or_augmented_fifth;
    chords.push_back(std::move(*chord));
    odds.push_back(weight);
  }
  if (!chords.empty()) return chords[rng.weighted(odds)];
  // The preset's colours do not exist here: whatever the mode has, or the bare root and fifth.
  for (size_t c = 0; c < colour_count; ++c) {
    if (std::optional<Chord> chord = make_chord(scale, degree, static_cast<Colour>(c))) return *chord;
  }
  return named_chord(scale, scale.pitch_at(degree), {0, 7});
}

bool has_chord_with(const Scale& scale, int degree, const ColourWeights& weights, int tone) {
  for (size_t c = 0; c < colour_count; ++c) {
    const std::optional<Chord> chord = make_chord(scale, degree, static_cast<Colour>(c));
    if (chord && weights[c] > 0.0 && chord->contains(tone)) return true;
  }
  return false;
}

std::vector<Chord> borrowed_chords(const Scale& scale, const ColourWeights& weights) {
  std::vector<Chord> chords;
  const auto outside = [&](const auto& steps) {
    return std::count_if(steps.begin(), steps.end(),
                         [&](int step) { return !scale.contains(scale.tonic + step); });
  };
  for (const Mode& mode : modes()) {
    const Scale other{scale.tonic, &mode, scale.letter};
    const auto shared = static_cast<std::ptrdiff_t>(mode.steps.size()) - outside(mode.steps);
    if (other == scale || other.size() < scale.size() || shared < std::min(scale.size(), other.size() - 1))
      continue;
    for (int degree = 1; degree < other.size(); ++degree) {
      for (size_t c = 0; c < colour_count; ++c) {
        std::optional<Chord> chord = make_chord(other, degree, static_cast<Colour>(c));
        if (!chord || weights[c] <= 0.0 || !scale.contains(chord->root)) continue;
        std::vector<int> steps;
        for (int interval : chord->intervals) steps.push_back(chord->root + interval - scale.tonic);
        if (outside(steps) == 1) chords.push_back(named_chord(scale, chord->root, chord->intervals));
      }
    }
  }
  return chords;
}

double common_tones(const Chord& a, const Chord& b) {
  double shared = 0.0;
  for (int interval : a.intervals) shared += b.contains(a.root + interval) ? 1.0 : 0.0;
  return shared / static_cast<double>(std::min(a.intervals.size(), b.intervals.size()));
}

std::optional<Chord> suspended(const Scale& scale, const Chord& chord) {
  constexpr int fourth_st = 5;
  const bool third = has_interval(chord.intervals, 3) || has_interval(chord.intervals, 4);
  if (!third || !has_interval(chord.intervals, fifth_st) || has_interval(chord.intervals, fourth_st))
    return std::nullopt;
  if (!scale.contains(chord.root + fourth_st)) return std::nullopt;
  return named_chord(scale, chord.root, {0, fourth_st, fifth_st});
}

bool resolves(const Chord& before, const Chord& chord) {
  const auto has_third = [](const Chord& c) {
    return has_interval(c.intervals, 3) || has_interval(c.intervals, 4);
  };
  const bool hung = has_interval(before.intervals, 5) || has_interval(before.intervals, 2);
  return before.root == chord.root && hung && !has_third(before) && has_third(chord);
}

}  // namespace auralis
