// SPDX-License-Identifier: MIT
// What is there and what is missed: one pulse or none, the mode's own tone, each layer's first sound and longest absence, the
// silence before the end.
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "compose/score/score_reading.h"
#include "compose/theory/scale.h"
#include "model/rng.h"

namespace auralis {
namespace {

using nlohmann::ordered_json;

constexpr double half_beats_a_minute = 2.0;  // for each beat a minute
constexpr double pulse_window_s = 10.0;      // either way
constexpr double least_onsets = 4.0;         // in a window, else it says nothing
constexpr uint64_t chance_seed = 1;

struct Onset {
  double t = 0.0;
  double phase = 0.0;  // radians
  const std::string* layer = nullptr;
};

struct Pulse {
  double concentration = 0.0;  // sums over windows, and how many
  double windows = 0.0;
  double between = 0.0;  // of cosines over pairs of onsets of two layers, and how many
  double pairs = 0.0;
};

// Around every onset: how much the phases agree, and how much its own agrees with those of other layers.
Pulse pulse_of(const std::vector<Onset>& onsets) {
  Pulse pulse;
  size_t first = 0;
  for (const Onset& at : onsets) {
    while (onsets[first].t < at.t - pulse_window_s) ++first;
    double sine = 0.0;
    double cosine = 0.0;
    double count = 0.0;
    for (size_t i = first; i < onsets.size() && onsets[i].t <= at.t + pulse_window_s; ++i) {
      sine += std::sin(onsets[i].phase);
      cosine += std::cos(onsets[i].phase);
      count += 1.0;
      if (*onsets[i].layer == *at.layer) continue;
      pulse.between += std::cos(onsets[i].phase - at.phase);
      pulse.pairs += 1.0;
    }
    if (count < least_onsets) continue;
    pulse.concentration += std::hypot(sine, cosine) / count;
    pulse.windows += 1.0;
  }
  return pulse;
}

ordered_json pulse_measures(const Score& score) {
  const double half_beat_s = 60.0 / (half_beats_a_minute * score.bpm);
  std::vector<Onset> onsets;
  for (const SoundedNote* note : score.of_layers({"lead", "bells", "low", "brush"}))
    onsets.push_back({note->t, 2.0 * std::numbers::pi * std::fmod(note->t / half_beat_s, 1.0), &note->layer});
  const Pulse pulse = pulse_of(onsets);
  Rng rng(chance_seed, "phases");
  for (Onset& onset : onsets) onset.phase = 2.0 * std::numbers::pi * rng.uniform();
  const Pulse chance = pulse_of(onsets);
  return {{"pulse_concentration", ratio(pulse.concentration, pulse.windows)},
          {"pulse_concentration_by_chance", ratio(chance.concentration, chance.windows)},
          {"pulse_between_layers", ratio(pulse.between, pulse.pairs)}};
}

// Stretches of time, in order of their begins.
using Stretches = std::vector<std::pair<double, double>>;

struct Presence {
  double sounding_s = 0.0;
  double longest_away_s = 0.0;
};

Presence presence_of(const Stretches& stretches, double length_s) {
  Presence presence;
  double until_s = 0.0;
  for (const auto& [from_s, to_s] : stretches) {
    presence.longest_away_s = std::max(presence.longest_away_s, from_s - until_s);
    presence.sounding_s += std::max(0.0, to_s - std::max(from_s, until_s));
    until_s = std::max(until_s, to_s);
  }
  presence.longest_away_s = std::max(presence.longest_away_s, length_s - until_s);
  return presence;
}

ordered_json characteristic_measures(const Score& score) {
  Stretches stretches;
  for (const SoundedNote& note : score.notes) {
    const ScoreKey& key = score.key_at(note.t);
    if (pitch_class(note.pitch) == characteristic_tone({key.tonic, key.mode}))
      stretches.emplace_back(note.t, note.end);
  }
  const Presence presence = presence_of(stretches, score.length_s);
  return {{"characteristic_tone_share", ratio(presence.sounding_s, score.length_s)},
          {"characteristic_tone_away_min", rounded(presence.longest_away_s / 60.0, 3)}};
}

}  // namespace

ordered_json presence_measures(const Score& score) {
  std::map<std::string, Stretches> layers;
  double last_s = 0.0;
  for (const SoundedNote& note : score.notes) {
    layers[note.layer].emplace_back(note.t, note.end);
    last_s = std::max(last_s, note.end);
  }
  ordered_json first = ordered_json::object();
  ordered_json away = ordered_json::object();
  for (const auto& [layer, stretches] : layers) {
    first[layer] = rounded(stretches.front().first, 3);
    away[layer] = rounded(presence_of(stretches, score.length_s).longest_away_s / 60.0, 3);
  }
  ordered_json out = pulse_measures(score);
  out.update(characteristic_measures(score));
  out.update(ordered_json{{"first_sound_s_by_layer", first},
                          {"longest_away_min_by_layer", away},
                          {"last_tone_before_end_s", rounded(score.length_s - last_s, 3)}});
  return out;
}

}  // namespace auralis
