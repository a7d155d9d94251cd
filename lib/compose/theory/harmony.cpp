// SPDX-License-Identifier: MIT
#include "compose/theory/harmony.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/error.h"
#include "base/io.h"
#include "compose/preset/yaml_reader.h"

namespace auralis {
namespace {

using Intervals = std::vector<int>;

struct NamedShape {
  std::string_view suffix;
  Intervals intervals;
};

const std::vector<NamedShape>& shapes() {
  static const std::vector<NamedShape> all{{"", {0, 4, 7}},
                                           {"m", {0, 3, 7}},
                                           {"dim", {0, 3, 6}},
                                           {"aug", {0, 4, 8}},
                                           {"maj7", {0, 4, 7, 11}},
                                           {"m7", {0, 3, 7, 10}},
                                           {"7", {0, 4, 7, 10}},
                                           {"m7b5", {0, 3, 6, 10}},
                                           {"dim7", {0, 3, 6, 9}},
                                           {"mMaj7", {0, 3, 7, 11}},
                                           {"maj7#5", {0, 4, 8, 11}},
                                           {"6", {0, 4, 7, 9}},
                                           {"m6", {0, 3, 7, 9}},
                                           {"maj9", {0, 2, 4, 7, 11}},
                                           {"m9", {0, 2, 3, 7, 10}},
                                           {"9", {0, 2, 4, 7, 10}},
                                           {"mMaj9", {0, 2, 3, 7, 11}},
                                           {"add9", {0, 2, 4, 7}},
                                           {"madd9", {0, 2, 3, 7}},
                                           {"6/9", {0, 2, 4, 7, 9}},
                                           {"sus2", {0, 2, 7}},
                                           {"sus4", {0, 5, 7}},
                                           {"7sus4", {0, 5, 7, 10}},
                                           {"quartal", {0, 5, 10}},
                                           {"quintal", {0, 2, 7, 9}},
                                           {"5", {0, 7}}};
  return all;
}

// Which third and fifth and seventh the mode has over a degree; 0 where it has none.
struct Stack {
  int third = 0;
  int fifth = 0;
  int seventh = 0;
};

Stack stack_on(const Scale& scale, int degree) {
  const int root = scale.pitch_at(degree);
  const auto first_of = [&](std::initializer_list<int> candidates) {
    for (int interval : candidates) {
      if (scale.contains(root + interval)) return interval;
    }
    return 0;
  };
  if (scale.size() < 7) return {first_of({4, 3}), first_of({7}), first_of({10, 11})};
  return {scale.pitch_at(degree + 2) - root, scale.pitch_at(degree + 4) - root,
          scale.pitch_at(degree + 6) - root};
}

bool has(std::span<const int> intervals, int interval) {
  return std::find(intervals.begin(), intervals.end(), interval) != intervals.end();
}

Chord named(const Scale& scale, int root, Intervals intervals) {
  Chord chord;
  chord.root = wrap(root, 12);
  chord.degree = scale.degree_of(root);
  chord.name = std::string(key_name(root)) + chord_suffix(intervals);
  chord.numeral = numeral(scale, root, intervals);
  chord.intervals = std::move(intervals);
  return chord;
}

// 0 plain … 1 rich: which colours come forward as the music grows intense.
constexpr ColourWeights richness{0.2, 0.65, 0.9, 0.5, 0.25, 0.4, 0.7, 0.35};

constexpr double dominant_to_tonic = 0.02;
constexpr double going_straight_back = 0.5;

}  // namespace

bool Chord::contains(int pitch) const { return has(intervals, wrap(pitch - root, 12)); }

std::optional<Chord> make_chord(const Scale& scale, int degree, Colour colour) {
  const int root = scale.pitch_at(degree);
  const auto [third, fifth, seventh] = stack_on(scale, degree);
  const auto in = [&](std::initializer_list<int> intervals) {
    return std::all_of(intervals.begin(), intervals.end(),
                       [&](int i) { return i > 0 && scale.contains(root + i); });
  };
  const auto chord = [&](Intervals intervals) { return named(scale, root, std::move(intervals)); };
  switch (colour) {
    case Colour::triad:
      if (in({third, fifth})) return chord({0, third, fifth});
      break;
    case Colour::seventh:
      if (in({third, fifth, seventh})) return chord({0, third, fifth, seventh});
      break;
    case Colour::ninth:
      if (fifth == 7 && in({2, third, fifth, seventh})) return chord({0, 2, third, fifth, seventh});
      break;
    case Colour::add9:
      if (fifth == 7 && in({2, third, fifth})) return chord({0, 2, third, fifth});
      break;
    case Colour::sus2:
      if (in({2, 7})) return chord({0, 2, 7});
      break;
    case Colour::sus4:
      if (in({5, 7})) return chord({0, 5, 7});
      break;
    case Colour::quartal:
      if (in({5, 10})) return chord({0, 5, 10});
      break;
    case Colour::quintal:
      if (in({2, 7, 9})) return chord({0, 2, 7, 9});
      break;
    case Colour::count:
      break;
  }
  return std::nullopt;
}

std::string chord_suffix(std::span<const int> intervals) {
  for (const NamedShape& shape : shapes()) {
    if (std::equal(intervals.begin(), intervals.end(), shape.intervals.begin(), shape.intervals.end())) {
      return std::string(shape.suffix);
    }
  }
  return {};
}

std::string numeral(const Scale& scale, int root, std::span<const int> intervals) {
  constexpr std::string_view upper[] = {"I",  "bII", "II",  "bIII", "III",  "IV",
                                        "bV", "V",   "bVI", "VI",   "bVII", "VII"};
  constexpr std::string_view lower[] = {"i",  "bii", "ii",  "biii", "iii",  "iv",
                                        "bv", "v",   "bvi", "vi",   "bvii", "vii"};
  const auto offset = static_cast<size_t>(wrap(root - scale.tonic, 12));
  const int degree = scale.degree_of(root);
  bool minor = has(intervals, 3) && !has(intervals, 4);
  if (!has(intervals, 3) && !has(intervals, 4) && degree >= 0) minor = stack_on(scale, degree).third == 3;
  std::string text(minor ? lower[offset] : upper[offset]);
  if (offset == 6 && scale.contains(scale.tonic + 7)) text = minor ? "#iv" : "#IV";
  if (minor && has(intervals, 6)) text += "°";
  if (!minor && has(intervals, 4) && has(intervals, 8)) text += "+";
  return text;
}

std::span<const double> HarmonyTable::row(int before, int last) const {
  const auto exact = rows.find({before, last});
  return exact != rows.end() ? exact->second : rows.at({-1, last});
}

const HarmonyTable& harmony_table(std::string_view mode) {
  static const std::map<std::string, HarmonyTable, std::less<>> tables = [] {
    for (const std::string& directory : preset_directories()) {
      const std::string file = directory + "/harmony/modes.yaml";
      if (!std::filesystem::exists(file)) continue;
      const YamlReader reader{file};
      std::map<std::string, HarmonyTable, std::less<>> read;
      reader.each(reader.parse(read_file(file)), std::string(),
                  [&](const YAML::Node& at, const std::string& name, const YAML::Node& node) {
                    const Mode* known = find_mode(name);
                    if (!known) reader.unknown(at, "", name, mode_names());
                    read[name] = reader.harmony(node, name, static_cast<int>(known->steps.size()));
                  });
      for (std::string_view name : mode_names()) {
        if (!read.contains(name))
          throw Error::at(file, 1, "no table for " + std::string(name) + ", expected one for each mode");
      }
      return read;
    }
    throw Error(Exit::environment,
                "no presets/harmony/modes.yaml beside the program; is Auralis wholly installed?");
  }();
  return tables.find(mode)->second;
}

int next_degree(const Scale& scale, const HarmonyTable& table, int before, int last,
                std::span<const int> allowed, Rng& rng) {
  const bool from_dominant = last >= 0 && scale.mode->steps[static_cast<size_t>(last)] == 7;
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
                   double intensity, Rng& rng) {
  std::vector<Chord> chords;
  std::vector<double> odds;
  const auto factors = table.colours.find(degree);
  for (size_t c = 0; c < colour_count; ++c) {
    std::optional<Chord> chord = make_chord(scale, degree, static_cast<Colour>(c));
    double weight = weights[c] * (factors == table.colours.end() ? 1.0 : factors->second[c]);
    if (!chord || weight <= 0.0) continue;
    const double nearness = 1.0 - std::abs(intensity - richness[c]);
    weight *= std::max(0.05, nearness * nearness * nearness);
    // A bare diminished or augmented triad is a question the music would have to answer.
    if (chord->intervals.size() == 3 && (has(chord->intervals, 6) || has(chord->intervals, 8))) weight *= 0.1;
    chords.push_back(std::move(*chord));
    odds.push_back(weight);
  }
  if (!chords.empty()) return chords[rng.weighted(odds)];
  // The preset's colours do not exist here: whatever the mode has, or the bare root and fifth.
  for (size_t c = 0; c < colour_count; ++c) {
    if (std::optional<Chord> chord = make_chord(scale, degree, static_cast<Colour>(c))) return *chord;
  }
  return named(scale, scale.pitch_at(degree), {0, 7});
}

double common_share(const Chord& a, const Chord& b) {
  const auto common =
      std::count_if(a.intervals.begin(), a.intervals.end(), [&](int i) { return b.contains(a.root + i); });
  return static_cast<double>(common) / static_cast<double>(a.intervals.size());
}

}  // namespace auralis
