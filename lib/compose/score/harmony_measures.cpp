// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

#include "compose/score/score_reading.h"
#include "compose/theory/harmony.h"

namespace auralis {
namespace {

using nlohmann::ordered_json;

// Semitones of a least movement between two chords: each voice of the larger goes to its nearest place in order, and
// no voices cross (for equal sizes that is the best of all pairings).
int least_movement_st(const std::vector<int>& from, const std::vector<int>& to) {
  const std::vector<int>& small = from.size() <= to.size() ? from : to;
  const std::vector<int>& large = from.size() <= to.size() ? to : from;
  if (small.empty()) return 0;
  // least[i]: the larger chord's voices so far, the last of them paired with small[i]; a voice may be split.
  std::vector<int> least(small.size(), 0);
  for (size_t j = 0; j < large.size(); ++j) {
    std::vector<int> next(small.size(), std::numeric_limits<int>::max() / 2);
    for (size_t i = 0; i < small.size(); ++i) {
      const int stay = j == 0 ? (i == 0 ? 0 : std::numeric_limits<int>::max() / 2) : least[i];
      const int move = j > 0 && i > 0 ? least[i - 1] : std::numeric_limits<int>::max() / 2;
      next[i] = std::min(stay, move) + std::abs(large[j] - small[i]);
    }
    least = std::move(next);
  }
  return least.back();
}

std::optional<Chord> named(const ScoreChord& chord) {
  const auto symbol = parse_chord_symbol(chord.name);
  if (!symbol) return std::nullopt;
  Chord named;
  named.root = symbol->root;
  named.intervals = symbol->intervals;
  return named;
}

// With a tone from outside the mode.
bool is_borrowed(const ScoreChord& chord, const ScoreKey& key) {
  const auto known = named(chord);
  return known && std::any_of(known->intervals.begin(), known->intervals.end(),
                              [&](int interval) { return !key.holds((known->root + interval) % 12); });
}

bool is_resolution(const ScoreChord& before, const ScoreChord& chord) {
  const auto from = named(before);
  const auto to = named(chord);
  return from && to && resolves(*from, *to);
}

// Streams do not tell where a scene begins, so the chords are cut into the scenes that take the fewest bits to tell:
// for each scene which of the twelve roots it draws on, for each chord which of those it is.
// Answers the number of different roots in each scene.
std::vector<double> scene_sizes(const std::vector<ScoreChord>& chords) {
  constexpr size_t longest = 64;  // chords a scene
  std::array<double, 13> set_bits{};
  double choices = 1.0;
  for (size_t k = 1; k <= 12; ++k) {
    choices = choices * static_cast<double>(13 - k) / static_cast<double>(k);
    set_bits[k] = std::log2(choices);
  }
  std::vector<int> roots;
  for (const ScoreChord& chord : chords) {
    if (chord.root >= 0) roots.push_back(chord.root);
  }
  struct Best {
    double bits = 0.0;
    size_t begin = 0;  // of the last scene
    int size = 0;
  };
  std::vector<Best> best(roots.size() + 1);
  for (size_t end = 1; end <= roots.size(); ++end) {
    best[end].bits = std::numeric_limits<double>::infinity();
    unsigned set = 0;
    for (size_t begin = end; begin-- > 0 && end - begin <= longest;) {
      set |= 1U << roots[begin];
      const int size = std::popcount(set);
      const double bits = best[begin].bits + set_bits[static_cast<size_t>(size)] +
                          static_cast<double>(end - begin) * std::log2(size);
      if (bits < best[end].bits - 1e-9) best[end] = {bits, begin, size};
    }
  }
  std::vector<double> sizes;
  for (size_t end = roots.size(); end > 0; end = best[end].begin) sizes.push_back(best[end].size);
  return sizes;
}

}  // namespace

nlohmann::ordered_json harmony_measures(const Score& score) {
  std::vector<double> lengths;
  std::vector<double> movements;
  double common = 0.0;
  double changes = 0.0;
  double v_i = 0.0;
  double modulations = 0.0;
  double modulation_common = 0.0;
  double borrowed = 0.0;
  double suspensions = 0.0;
  double known_s = 0.0;
  double characteristic_s = 0.0;
  std::set<std::string> names;
  std::set<std::array<std::string, 3>> trigrams;
  for (size_t i = 0; i < score.chords.size(); ++i) {
    const ScoreChord& chord = score.chords[i];
    lengths.push_back(chord.end - chord.t);
    names.insert(chord.name);
    if (i >= 2) trigrams.insert({score.chords[i - 2].name, score.chords[i - 1].name, chord.name});

    const ScoreKey& key = score.key_at(chord.t);
    if (is_borrowed(chord, key)) borrowed += 1.0;
    if (chord.root >= 0) {
      const int characteristic = key.mode->steps[static_cast<size_t>(key.mode->characteristic)];
      known_s += chord.end - chord.t;
      if ((chord.root - key.tonic + 12) % 12 == characteristic) characteristic_s += chord.end - chord.t;
    }
    if (i == 0) continue;
    const ScoreChord& before = score.chords[i - 1];
    if (is_resolution(before, chord)) suspensions += 1.0;
    if (before.root >= 0 && chord.root >= 0) {
      changes += 1.0;
      if (chord.root == key.tonic && before.root == (key.tonic + 7) % 12) v_i += 1.0;
    }
    if (!before.pitches.empty() && !chord.pitches.empty()) {
      movements.push_back(least_movement_st(before.pitches, chord.pitches));
      std::vector<int> held;
      std::set_intersection(before.pitches.begin(), before.pitches.end(), chord.pitches.begin(),
                            chord.pitches.end(), std::back_inserter(held));
      const double share = static_cast<double>(held.size()) /
                           static_cast<double>(std::min(before.pitches.size(), chord.pitches.size()));
      common += share;
      if (key.tonic != score.key_at(before.t).tonic) {
        modulations += 1.0;
        modulation_common += share;
      }
    }
  }
  const std::vector<double> scenes = scene_sizes(score.chords);
  // The last chord is cut by the end, so it says nothing of the clock unless it is the only one.
  if (lengths.size() > 1) lengths.pop_back();
  const double trigram_count = score.chords.size() > 2 ? static_cast<double>(score.chords.size() - 2) : 0.0;
  return {{"chords", score.chords.size()},
          {"chord_names", names.size()},
          {"seconds_per_chord", spread(lengths)},
          {"scenes", scenes.size()},
          {"chords_per_scene", spread(scenes)},
          {"v_i_share", ratio(v_i, changes)},
          {"characteristic_chord_share", ratio(characteristic_s, known_s)},
          {"voice_leading_st", spread(movements)},
          {"common_tone_share", ratio(common, static_cast<double>(movements.size()))},
          {"modulations", modulations},
          {"modulation_common_tone_share", ratio(modulation_common, modulations)},
          {"borrowed_chord_share", ratio(borrowed, static_cast<double>(score.chords.size()))},
          {"resolved_suspension_share", ratio(suspensions, static_cast<double>(score.chords.size()))},
          {"chord_progression_irregularity", ratio(static_cast<double>(trigrams.size()), trigram_count)}};
}

}  // namespace auralis
