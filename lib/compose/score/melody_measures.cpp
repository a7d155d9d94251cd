// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "compose/score/score_reading.h"
#include "compose/theory/scale.h"

namespace auralis {
namespace {

using nlohmann::ordered_json;

constexpr int step_st = 2;  // what is not larger is a step; what is larger than a fifth is a leap

double entropy_bits(const std::array<double, 12>& counts) {
  const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
  double bits = 0.0;
  for (double count : counts) {
    if (count > 0.0) bits -= count / total * std::log2(count / total);
  }
  return total > 0.0 ? bits : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

nlohmann::ordered_json pitch_measures(const Score& score) {
  std::array<double, 12> counts{};
  double in_mode = 0.0;
  double in_mode_s = 0.0;
  double sounding_s = 0.0;
  double pitched = 0.0;
  for (const SoundedNote& note : score.notes) {
    if (note.layer == "low" || note.layer == "brush") continue;  // thuds and noise
    pitched += 1.0;
    const int pc = pitch_class(note.pitch);
    counts[static_cast<size_t>(pc)] += 1.0;
    sounding_s += note.end - note.t;
    if (!score.key_at(note.t).holds(pc)) continue;
    in_mode += 1.0;
    in_mode_s += note.end - note.t;
  }
  double chord_tones = 0.0;
  double scale_tones = 0.0;
  double colour_tones = 0.0;
  for (const SoundedNote* note : score.of_layers({"lead", "bells"})) {
    const ScoreChord* chord = score.chord_at(note->t);
    const int pc = pitch_class(note->pitch);
    if (chord != nullptr && chord->classes.contains(pc)) {
      chord_tones += 1.0;
    } else if (score.key_at(note->t).holds(pc)) {
      scale_tones += 1.0;
    } else {
      colour_tones += 1.0;
    }
  }
  const double melody = chord_tones + scale_tones + colour_tones;
  return {{"pitch_class_entropy_bits", rounded(entropy_bits(counts), 4)},
          {"mode_fit", ratio(in_mode, pitched)},
          {"mode_fit_of_time", ratio(in_mode_s, sounding_s)},
          {"melody_chord_tone_share", ratio(chord_tones, melody)},
          {"melody_scale_tone_share", ratio(scale_tones, melody)},
          {"melody_colour_tone_share", ratio(colour_tones, melody)}};
}

nlohmann::ordered_json leap_measures(const Score& score) {
  const std::vector<const SoundedNote*> lead = score.of_layers({"lead"});
  double intervals = 0.0;
  double sum_st = 0.0;
  double largest_st = 0.0;
  double leaps = 0.0;
  double answered = 0.0;
  std::vector<double> phrase_notes;
  std::set<int> phrase_pitches;
  std::vector<double> distinct;
  double in_phrase = 0.0;
  const auto close_phrase = [&] {
    if (in_phrase > 0.0) {
      phrase_notes.push_back(in_phrase);
      distinct.push_back(static_cast<double>(phrase_pitches.size()));
    }
    in_phrase = 0.0;
    phrase_pitches.clear();
  };
  const auto joined = [&](size_t i) {
    return i < lead.size() && lead[i]->t - lead[i - 1]->end <= phrase_gap_s;
  };
  for (size_t i = 0; i < lead.size(); ++i) {
    if (i > 0 && !joined(i)) close_phrase();
    in_phrase += 1.0;
    phrase_pitches.insert(static_cast<int>(std::llround(lead[i]->pitch)));
    if (i == 0 || !joined(i)) continue;
    const double interval = std::round(lead[i]->pitch - lead[i - 1]->pitch);
    intervals += 1.0;
    sum_st += std::abs(interval);
    largest_st = std::max(largest_st, std::abs(interval));
    if (std::abs(interval) <= fifth_st) continue;
    leaps += 1.0;
    // The end of a phrase answers a leap as well: nothing follows that could go on in its direction.
    const double next = joined(i + 1) ? std::round(lead[i + 1]->pitch - lead[i]->pitch) : 0.0;
    if (std::abs(next) <= step_st && next * interval <= 0.0) answered += 1.0;
  }
  close_phrase();
  return {{"lead_interval_mean_st", ratio(sum_st, intervals)},
          {"lead_interval_max_st",
           intervals > 0.0 ? ordered_json(rounded(largest_st, 4)) : ordered_json(nullptr)},
          {"lead_leap_share", ratio(leaps, intervals)},
          {"lead_leaps_answered_share", ratio(answered, leaps)},
          {"lead_phrase_notes", spread(phrase_notes)},
          {"lead_phrase_pitches", spread(distinct)}};
}

}  // namespace auralis
