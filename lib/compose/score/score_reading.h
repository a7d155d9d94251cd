// SPDX-License-Identifier: MIT
// A stream of events as a score: notes as they sounded, chords with their roots, and the key in force.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compose/score/score.h"
#include "figures/rounded.h"
#include "model/music.h"

namespace auralis {

struct ScoreKey {
  double t = 0.0;
  int tonic = 0;
  const Mode* mode = nullptr;

  bool holds(int pc) const {
    return std::any_of(mode->steps.begin(), mode->steps.end(),
                       [&](int step) { return (tonic + step) % 12 == pc; });
  }
};

struct ScoreChord {
  double t = 0.0;
  double end = 0.0;
  std::string name;
  int scene = 0;  // 0 where the stream does not say
  bool opens_scene = false;
  int root = -1;  // −1 where the name is no chord symbol
  std::vector<int> pitches;
  std::set<int> classes;
};

struct Score {
  double length_s = 0.0;
  double bpm = 60.0;
  std::vector<SoundedNote> notes;
  std::vector<ScoreKey> keys;
  std::vector<ScoreChord> chords;  // neighbours of the same name are one

  template <typename T>
  static const T* in_force(const std::vector<T>& all, double t) {
    const auto after =
        std::upper_bound(all.begin(), all.end(), t, [](double time, const T& item) { return time < item.t; });
    return after == all.begin() ? nullptr : &*(after - 1);
  }
  const ScoreKey& key_at(double t) const { return *in_force(keys, t); }
  const ScoreChord* chord_at(double t) const { return in_force(chords, t); }

  std::vector<const SoundedNote*> of_layers(std::initializer_list<std::string_view> layers) const {
    std::vector<const SoundedNote*> out;
    for (const SoundedNote& note : notes) {
      if (std::find(layers.begin(), layers.end(), note.layer) != layers.end()) out.push_back(&note);
    }
    return out;
  }
};

Score read_score(std::span<const Event> events);

inline constexpr double phrase_gap_s =
    6.0;  // a longer rest parts two phrases of the lead: no interval across it

int pitch_class(double pitch);

// Numbers of the measures, rounded; null where there is none.
nlohmann::ordered_json ratio(double part, double whole);
nlohmann::ordered_json spread(std::vector<double> values);

nlohmann::ordered_json harmony_measures(const Score& score);
nlohmann::ordered_json pitch_measures(const Score& score);
nlohmann::ordered_json leap_measures(const Score& score);
nlohmann::ordered_json lead_measures(const Score& score);
nlohmann::ordered_json answer_measures(const Score& score);
nlohmann::ordered_json form_measures(const Score& score);
nlohmann::ordered_json structure_measures(const Score& score);
nlohmann::ordered_json presence_measures(const Score& score);

}  // namespace auralis
