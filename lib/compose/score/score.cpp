// SPDX-License-Identifier: MIT
#include "compose/score/score.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <set>
#include <unordered_map>

#include "compose/score/score_reading.h"

namespace auralis {
namespace {

using nlohmann::ordered_json;

constexpr size_t positions_per_beat = 4;  // of the groove's grid
constexpr size_t beats_per_bar = 4;
constexpr size_t gram = 4;  // notes a melodic n-gram

// Time is cut into beats at the piece's first tempo. Notes are in the order of their onsets.
ordered_json rhythm_measures(const Score& score) {
  const double beat_s = 60.0 / score.bpm;
  const auto beats = static_cast<size_t>(std::floor(score.length_s / beat_s)) + 1;
  size_t sounding = 0;  // beats
  size_t known = 0;     // those before it are counted
  const size_t grid = positions_per_beat * beats_per_bar;
  const size_t bars = beats / beats_per_bar;
  std::vector<bool> onsets(bars * grid, false);
  for (const SoundedNote& note : score.notes) {
    const size_t first = std::max(known, static_cast<size_t>(note.t / beat_s));
    const size_t behind = std::min(beats - 1, static_cast<size_t>(note.end / beat_s)) + 1;
    if (behind > first) sounding += behind - first;
    known = std::max(known, behind);
    const auto position = static_cast<size_t>(note.t / beat_s * positions_per_beat);
    if (position < onsets.size()) onsets[position] = true;
  }
  double differing = 0.0;
  for (size_t i = grid; i < onsets.size(); ++i) differing += onsets[i] != onsets[i - grid] ? 1.0 : 0.0;
  const double compared = bars > 1 ? static_cast<double>((bars - 1) * grid) : 0.0;
  return {{"groove_consistency",
           compared > 0.0 ? ordered_json(rounded(1.0 - differing / compared, 4)) : ordered_json(nullptr)},
          {"empty_beat_rate", ratio(static_cast<double>(beats - sounding), static_cast<double>(beats))}};
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
          {"longest_repeated_s", rounded(repeat_s, 3)}};
}

}  // namespace

ordered_json measure_score(std::span<const Event> events) {
  const Score score = read_score(events);
  ordered_json out{{"duration_s", rounded(score.length_s, 6)}, {"notes", score.notes.size()}};
  for (const ordered_json& part :
       {harmony_measures(score), pitch_measures(score), leap_measures(score), lead_measures(score),
        answer_measures(score), form_measures(score), structure_measures(score), presence_measures(score),
        rhythm_measures(score), density_measures(score), repetition_measures(score)}) {
    out.update(part);
  }
  return out;
}

}  // namespace auralis
