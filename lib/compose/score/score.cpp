// SPDX-License-Identifier: MIT
#include "compose/score/score.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <set>
#include <unordered_map>

#include "compose/chart/harmony_import.h"
#include "model/control.h"
#include "model/music.h"

namespace auralis {
namespace {

using nlohmann::ordered_json;

constexpr double phrase_gap_s = 6.0;      // a longer rest parts two phrases: no interval across it
constexpr int fifth_st = 7;               // what is larger is a leap
constexpr int step_st = 2;                // what is not larger is a step
constexpr size_t positions_per_beat = 4;  // of the groove's grid
constexpr size_t beats_per_bar = 4;
constexpr size_t gram = 4;  // notes a melodic n-gram

int pitch_class(double pitch) { return static_cast<int>(std::llround(pitch)) % 12; }

ordered_json rounded(double x, double scale = 1e4) {
  return std::isfinite(x) ? ordered_json(std::round(x * scale) / scale) : ordered_json(nullptr);
}

// null where there is nothing to divide by.
ordered_json ratio(double part, double whole) {
  return whole > 0.0 ? rounded(part / whole) : ordered_json(nullptr);
}

ordered_json spread(std::vector<double> values) {
  if (values.empty()) return {{"mean", nullptr}, {"median", nullptr}, {"min", nullptr}, {"max", nullptr}};
  std::sort(values.begin(), values.end());
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  return {{"mean", rounded(sum / static_cast<double>(values.size()), 1e3)},
          {"median", rounded(values[values.size() / 2], 1e3)},
          {"min", rounded(values.front(), 1e3)},
          {"max", rounded(values.back(), 1e3)}};
}

struct Key {
  double t = 0.0;
  int tonic = 0;
  const Mode* mode = nullptr;

  bool holds(int pc) const {
    return std::any_of(mode->steps.begin(), mode->steps.end(),
                       [&](int step) { return (tonic + step) % 12 == pc; });
  }
};

struct Harmony {
  double t = 0.0;
  double end = 0.0;
  std::string name;
  int root = -1;  // −1 where the name is no chord symbol
  std::vector<int> pitches;
  std::set<int> classes;
};

// "bVI" → 8; case and what follows the numeral do not matter. nullopt for any other text.
std::optional<int> degree_semitones(std::string_view degree) {
  int shift = 0;
  while (!degree.empty() && (degree[0] == 'b' || degree[0] == '#')) {
    shift += degree[0] == 'b' ? -1 : 1;
    degree.remove_prefix(1);
  }
  constexpr std::array<std::pair<std::string_view, int>, 7> numerals{
      {{"VII", 11}, {"III", 4}, {"VI", 9}, {"IV", 5}, {"II", 2}, {"V", 7}, {"I", 0}}};
  std::string upper;
  for (char c : degree) {
    if (c != 'i' && c != 'v' && c != 'I' && c != 'V') break;
    upper += c == 'i' ? 'I' : c == 'v' ? 'V' : c;
  }
  for (const auto& [text, semitones] : numerals) {
    if (upper == text) return (semitones + shift + 12) % 12;
  }
  return std::nullopt;
}

// The degree that tells a mode from its neighbours, in semitones above the tonic.
std::optional<int> characteristic_degree(std::string_view mode) {
  if (mode == "phrygian") return 1;
  if (mode == "lydian") return 2;
  if (mode == "dorian" || mode == "ionian") return 5;
  if (mode == "aeolian") return 8;
  if (mode == "mixolydian") return 10;
  if (mode == "locrian") return 6;
  if (mode == "harmonic-minor") return 7;
  return std::nullopt;
}

struct Score {
  double length_s = 0.0;
  double bpm = 60.0;
  std::vector<SoundedNote> notes;
  std::vector<Key> keys;
  std::vector<Harmony> chords;  // neighbours of the same name are one

  template <typename T>
  static const T* in_force(const std::vector<T>& all, double t) {
    const auto after =
        std::upper_bound(all.begin(), all.end(), t, [](double time, const T& item) { return time < item.t; });
    return after == all.begin() ? nullptr : &*(after - 1);
  }
  const Key& key_at(double t) const { return *in_force(keys, t); }
  const Harmony* chord_at(double t) const { return in_force(chords, t); }

  std::vector<const SoundedNote*> of_layers(std::initializer_list<std::string_view> layers) const {
    std::vector<const SoundedNote*> out;
    for (const SoundedNote& note : notes) {
      if (std::find(layers.begin(), layers.end(), note.layer) != layers.end()) out.push_back(&note);
    }
    return out;
  }
};

void add_chord(Score& score, const ChordEvent& e) {
  if (!score.chords.empty() && score.chords.back().name == e.name) return;
  Harmony chord;
  chord.t = e.t;
  chord.name = e.name;
  for (double pitch : e.pitches) {
    chord.pitches.push_back(static_cast<int>(std::llround(pitch)));
    chord.classes.insert(pitch_class(pitch));
  }
  std::sort(chord.pitches.begin(), chord.pitches.end());
  if (const auto symbol = parse_chord_symbol(e.name)) {
    chord.root = symbol->root;
    for (int interval : symbol->intervals) chord.classes.insert((symbol->root + interval) % 12);
    // A modulation shows in the degree: the root and its degree together tell the tonic.
    if (const auto above = degree_semitones(e.degree)) {
      const int tonic = (chord.root - *above + 12) % 12;
      if (tonic != score.keys.back().tonic) score.keys.push_back({e.t, tonic, score.keys.back().mode});
    }
  }
  if (!score.chords.empty()) score.chords.back().end = e.t;
  score.chords.push_back(std::move(chord));
}

Score read_score(std::span<const Event> events) {
  Score score;
  score.length_s = piece_length_s(events);
  score.notes = sounded_notes(events);
  score.keys.push_back({0.0, 0, find_mode("ionian")});
  for (const Event& event : events) {
    if (const auto* start = std::get_if<StartEvent>(&event)) {
      score.bpm = start->bpm;
      const Mode* mode = find_mode(start->mode);
      score.keys = {
          {0.0, key_pitch_class(start->key).value_or(0), mode != nullptr ? mode : find_mode("ionian")}};
    } else if (const auto* control = std::get_if<ControlEvent>(&event)) {
      const Control applied = applied_control(*control);
      Key key = score.keys.back();
      key.t = control->t;
      const std::string* tonic = applied.text(ControlId::key);
      const std::string* mode = applied.text(ControlId::mode);
      if (tonic != nullptr) key.tonic = *key_pitch_class(*tonic);
      if (mode != nullptr) key.mode = find_mode(*mode);
      if (tonic != nullptr || mode != nullptr) score.keys.push_back(key);
    } else if (const auto* chord = std::get_if<ChordEvent>(&event)) {
      add_chord(score, *chord);
    }
  }
  if (!score.chords.empty()) score.chords.back().end = std::max(score.length_s, score.chords.back().t);
  return score;
}

// Semitones of a least movement between two chords: each voice of the larger goes to its nearest place in order, and
// no voices cross (for equal sizes that is the best of all pairings).
int movement_st(const std::vector<int>& from, const std::vector<int>& to) {
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

// Streams do not tell where a scene begins, so the chords are cut into the scenes that take the fewest bits to tell:
// for each scene which of the twelve roots it draws on, for each chord which of those it is.
// Answers the number of different roots in each scene.
std::vector<double> scene_sizes(const std::vector<Harmony>& chords) {
  constexpr size_t longest = 64;  // chords a scene
  std::array<double, 13> set_bits{};
  double choices = 1.0;
  for (size_t k = 1; k <= 12; ++k) {
    choices = choices * static_cast<double>(13 - k) / static_cast<double>(k);
    set_bits[k] = std::log2(choices);
  }
  std::vector<int> roots;
  for (const Harmony& chord : chords) {
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

ordered_json harmony_measures(const Score& score) {
  std::vector<double> lengths;
  std::vector<double> movements;
  double common = 0.0;
  double changes = 0.0;
  double v_i = 0.0;
  double known_s = 0.0;
  double characteristic_s = 0.0;
  std::set<std::string> names;
  std::set<std::array<std::string, 3>> trigrams;
  for (size_t i = 0; i < score.chords.size(); ++i) {
    const Harmony& chord = score.chords[i];
    lengths.push_back(chord.end - chord.t);
    names.insert(chord.name);
    if (i >= 2) trigrams.insert({score.chords[i - 2].name, score.chords[i - 1].name, chord.name});

    const Key& key = score.key_at(chord.t);
    const auto characteristic = characteristic_degree(key.mode->name);
    if (chord.root >= 0 && characteristic) {
      known_s += chord.end - chord.t;
      if ((chord.root - key.tonic + 12) % 12 == *characteristic) characteristic_s += chord.end - chord.t;
    }
    if (i == 0) continue;
    const Harmony& before = score.chords[i - 1];
    if (before.root >= 0 && chord.root >= 0) {
      changes += 1.0;
      if (chord.root == key.tonic && before.root == (key.tonic + 7) % 12) v_i += 1.0;
    }
    if (!before.pitches.empty() && !chord.pitches.empty()) {
      movements.push_back(movement_st(before.pitches, chord.pitches));
      std::vector<int> held;
      std::set_intersection(before.pitches.begin(), before.pitches.end(), chord.pitches.begin(),
                            chord.pitches.end(), std::back_inserter(held));
      common += static_cast<double>(held.size()) /
                static_cast<double>(std::min(before.pitches.size(), chord.pitches.size()));
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
          {"chord_progression_irregularity", ratio(static_cast<double>(trigrams.size()), trigram_count)}};
}

double entropy_bits(const std::array<double, 12>& counts) {
  const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
  double bits = 0.0;
  for (double count : counts) {
    if (count > 0.0) bits -= count / total * std::log2(count / total);
  }
  return total > 0.0 ? bits : std::numeric_limits<double>::quiet_NaN();
}

ordered_json pitch_measures(const Score& score) {
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
    const Harmony* chord = score.chord_at(note->t);
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
  return {{"pitch_class_entropy_bits", rounded(entropy_bits(counts))},
          {"mode_fit", ratio(in_mode, pitched)},
          {"mode_fit_of_time", ratio(in_mode_s, sounding_s)},
          {"melody_chord_tone_share", ratio(chord_tones, melody)},
          {"melody_scale_tone_share", ratio(scale_tones, melody)},
          {"melody_colour_tone_share", ratio(colour_tones, melody)}};
}

ordered_json leap_measures(const Score& score) {
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
          {"lead_interval_max_st", intervals > 0.0 ? rounded(largest_st) : ordered_json(nullptr)},
          {"lead_leap_share", ratio(leaps, intervals)},
          {"lead_leaps_answered_share", ratio(answered, leaps)},
          {"lead_phrase_notes", spread(phrase_notes)},
          {"lead_phrase_pitches", spread(distinct)}};
}

// Time is cut into beats at the piece's first tempo.
ordered_json rhythm_measures(const Score& score) {
  const double beat_s = 60.0 / score.bpm;
  const auto beats = static_cast<size_t>(std::floor(score.length_s / beat_s)) + 1;
  std::vector<bool> empty(beats, true);
  const size_t grid = positions_per_beat * beats_per_bar;
  const size_t bars = beats / beats_per_bar;
  std::vector<bool> onsets(bars * grid, false);
  for (const SoundedNote& note : score.notes) {
    const auto last = std::min(beats - 1, static_cast<size_t>(note.end / beat_s));
    for (auto beat = static_cast<size_t>(note.t / beat_s); beat <= last; ++beat) empty[beat] = false;
    const auto position = static_cast<size_t>(note.t / beat_s * positions_per_beat);
    if (position < onsets.size()) onsets[position] = true;
  }
  double differing = 0.0;
  for (size_t i = grid; i < onsets.size(); ++i) differing += onsets[i] != onsets[i - grid] ? 1.0 : 0.0;
  const double compared = bars > 1 ? static_cast<double>((bars - 1) * grid) : 0.0;
  return {
      {"groove_consistency", compared > 0.0 ? rounded(1.0 - differing / compared) : ordered_json(nullptr)},
      {"empty_beat_rate",
       ratio(static_cast<double>(std::count(empty.begin(), empty.end(), true)), static_cast<double>(beats))}};
}

struct Layered {
  double silent_s = 0.0;
  double layers_s = 0.0;  // integral of the number of layers over time
  int most_layers = 0;
  int most_notes = 0;
};

Layered layered(const std::vector<const SoundedNote*>& notes, double length_s) {
  struct Edge {
    double t;
    int change;
    const std::string* layer;
  };
  std::vector<Edge> edges;
  for (const SoundedNote* note : notes) {
    edges.push_back({note->t, 1, &note->layer});
    edges.push_back({note->end, -1, &note->layer});
  }
  std::stable_sort(edges.begin(), edges.end(),
                   [](const Edge& a, const Edge& b) { return a.t != b.t ? a.t < b.t : a.change < b.change; });
  Layered out;
  std::map<std::string_view, int> sounding;
  int layers = 0;
  int count = 0;
  double before = 0.0;
  for (const Edge& edge : edges) {
    const double t = std::min(edge.t, length_s);
    if (count == 0) out.silent_s += t - before;
    out.layers_s += layers * (t - before);
    before = t;
    int& of_layer = sounding[*edge.layer];
    if (of_layer == 0 && edge.change > 0) ++layers;
    of_layer += edge.change;
    if (of_layer == 0 && edge.change < 0) --layers;
    count += edge.change;
    out.most_layers = std::max(out.most_layers, layers);
    out.most_notes = std::max(out.most_notes, count);
  }
  out.silent_s += std::max(0.0, length_s - before);
  return out;
}

ordered_json density_measures(const Score& score) {
  std::map<std::string, double> counts;
  std::vector<const SoundedNote*> all;
  for (const SoundedNote& note : score.notes) {
    counts[note.layer] += 1.0;
    all.push_back(&note);
  }
  ordered_json per_minute = ordered_json::object();
  for (const auto& [layer, count] : counts) per_minute[layer] = ratio(count * 60.0, score.length_s);
  const Layered everything = layered(all, score.length_s);
  const Layered melody = layered(score.of_layers({"lead", "bells"}), score.length_s);
  return {{"notes_per_minute", ratio(static_cast<double>(score.notes.size()) * 60.0, score.length_s)},
          {"notes_per_minute_by_layer", per_minute},
          {"silence_share", ratio(everything.silent_s, score.length_s)},
          {"melody_silence_share", ratio(melody.silent_s, score.length_s)},
          {"layers_at_once_mean", ratio(everything.layers_s, score.length_s)},
          {"layers_at_once_max", everything.most_layers},
          {"notes_at_once_max", everything.most_notes}};
}

// The length of the longest run of tokens that occurs twice without overlapping itself, and where it begins first:
// binary search over the length, a hash of each window, equality checked on a match.
struct Repeat {
  size_t length = 0;
  size_t begin = 0;
};

std::optional<size_t> repeated_window(const std::vector<int>& tokens, size_t length) {
  constexpr uint64_t base = 0x9e3779b97f4a7c15u | 1;
  uint64_t leading = 1;
  for (size_t i = 0; i < length; ++i) leading *= base;
  std::unordered_map<uint64_t, size_t> first_seen;
  uint64_t hash = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    hash = hash * base + static_cast<uint64_t>(tokens[i] + 1000);
    if (i >= length) hash -= leading * static_cast<uint64_t>(tokens[i - length] + 1000);
    if (i + 1 < length) continue;
    const size_t begin = i + 1 - length;
    const auto [seen, is_new] = first_seen.emplace(hash, begin);
    if (is_new || seen->second + length > begin) continue;
    const auto at = [&](size_t index) { return tokens.begin() + static_cast<std::ptrdiff_t>(index); };
    if (std::equal(at(begin), at(begin + length), at(seen->second))) return seen->second;
  }
  return std::nullopt;
}

Repeat longest_repeat(const std::vector<int>& tokens) {
  Repeat best;
  size_t low = 1;
  size_t high = tokens.size() / 2;
  while (low <= high) {
    const size_t middle = low + (high - low) / 2;
    if (const auto begin = repeated_window(tokens, middle)) {
      best = {middle, *begin};
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return best;
}

ordered_json repetition_measures(const Score& score) {
  const std::vector<const SoundedNote*> melody = score.of_layers({"lead", "bells"});
  std::vector<int> tokens;
  tokens.reserve(melody.size());
  for (const SoundedNote* note : melody) tokens.push_back(static_cast<int>(std::llround(note->pitch)));

  // By hour: how many of the n-grams were never heard before in the piece.
  std::vector<double> fresh;
  std::vector<double> total;
  std::set<std::vector<int>> seen;
  for (size_t i = 0; i + gram <= tokens.size(); ++i) {
    const auto hour = static_cast<size_t>(melody[i + gram - 1]->t / 3600.0);
    if (hour >= total.size()) {
      total.resize(hour + 1, 0.0);
      fresh.resize(hour + 1, 0.0);
    }
    const auto begin = tokens.begin() + static_cast<std::ptrdiff_t>(i);
    total[hour] += 1.0;
    if (seen.insert(std::vector<int>(begin, begin + gram)).second) fresh[hour] += 1.0;
  }
  ordered_json by_hour = ordered_json::array();
  for (size_t hour = 0; hour < total.size(); ++hour) by_hour.push_back(ratio(fresh[hour], total[hour]));

  const Repeat repeat = longest_repeat(tokens);
  const double repeat_s =
      repeat.length > 0 ? melody[repeat.begin + repeat.length - 1]->end - melody[repeat.begin]->t : 0.0;
  return {{"melody_novelty", ratio(std::accumulate(fresh.begin(), fresh.end(), 0.0),
                                   std::accumulate(total.begin(), total.end(), 0.0))},
          {"melody_novelty_by_hour", by_hour},
          {"longest_repeated_notes", repeat.length},
          {"longest_repeated_s", rounded(repeat_s, 1e3)}};
}

}  // namespace

double piece_length_s(std::span<const Event> events) {
  double last = 0.0;
  for (const Event& event : events) {
    if (const auto* end = std::get_if<EndEvent>(&event)) return end->t;
    const auto* note = std::get_if<NoteEvent>(&event);
    last = std::max(last, note != nullptr ? note->t + note->dur : event_time(event));
  }
  return last;
}

std::vector<SoundedNote> sounded_notes(std::span<const Event> events) {
  const double length_s = piece_length_s(events);
  std::vector<SoundedNote> notes;
  std::unordered_map<uint64_t, size_t> by_id;
  for (const Event& event : events) {
    if (const auto* note = std::get_if<NoteEvent>(&event)) {
      by_id[note->id] = notes.size();
      notes.push_back({note->t, std::min(note->t + note->dur, std::max(note->t, length_s)), note->layer,
                       note->pitch, note->vel});
    } else if (const auto* release = std::get_if<ReleaseEvent>(&event)) {
      const auto found = by_id.find(release->id);
      if (found != by_id.end()) notes[found->second].end = std::min(notes[found->second].end, release->t);
    }
  }
  return notes;
}

ordered_json measure_score(std::span<const Event> events) {
  const Score score = read_score(events);
  ordered_json out{{"duration_s", rounded(score.length_s, 1e6)}, {"notes", score.notes.size()}};
  for (const ordered_json& part :
       {harmony_measures(score), pitch_measures(score), leap_measures(score), rhythm_measures(score),
        density_measures(score), repetition_measures(score)}) {
    out.update(part);
  }
  return out;
}

}  // namespace auralis
