// SPDX-License-Identifier: MIT
// What the lead remembers: figures that return, phrases that come to rest, bells that answer. Each beside what chance gives.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <span>
#include <string>
#include <utility>

#include "compose/score/score_reading.h"
#include "compose/theory/scale.h"
#include "model/rng.h"

namespace auralis {
namespace {

using nlohmann::ordered_json;

constexpr size_t figure_intervals = 3;  // four notes
constexpr size_t phrases_back = 10;     // within which a figure returns
constexpr size_t null_pieces = 8;       // drawn from the chain of intervals
constexpr uint64_t null_seed = 1;

// Two distances between onsets are the same rhythm where they differ by no more than the larger of these.
constexpr double same_rhythm_share = 0.15;
constexpr double same_rhythm_s = 0.2;

constexpr double answer_within_s = 15.0;  // of the end of a phrase
constexpr double answer_gap_s = 8.0;      // between two onsets: what comes later is no part of it
constexpr size_t shortest_answer = 4;     // notes
constexpr size_t longest_answer = 5;      // that are compared
constexpr size_t phrases_compared = 200;  // with each answer, for what chance gives

struct PhraseNotes {
  std::vector<int> intervals;    // semitones
  std::vector<double> onsets_s;  // one more than intervals
  double end_s = 0.0;
  const SoundedNote* last = nullptr;
};

std::vector<PhraseNotes> phrases_of(const std::vector<const SoundedNote*>& lead) {
  std::vector<PhraseNotes> phrases;
  for (const SoundedNote* note : lead) {
    if (phrases.empty() || note->t - phrases.back().end_s > phrase_gap_s) {
      phrases.emplace_back();
    } else {
      phrases.back().intervals.push_back(
          static_cast<int>(std::lround(note->pitch - phrases.back().last->pitch)));
    }
    phrases.back().onsets_s.push_back(note->t);
    phrases.back().end_s = note->end;
    phrases.back().last = note;
  }
  return phrases;
}

bool same_rhythm(const PhraseNotes& a, size_t i, const PhraseNotes& b, size_t j) {
  for (size_t k = 0; k < figure_intervals; ++k) {
    const double x = a.onsets_s[i + k + 1] - a.onsets_s[i + k];
    const double y = b.onsets_s[j + k + 1] - b.onsets_s[j + k];
    if (std::abs(x - y) > std::max(same_rhythm_s, same_rhythm_share * std::max(x, y))) return false;
  }
  return true;
}

struct Returning {
  double figures = 0.0;
  double found = 0.0;
  double with_rhythm = 0.0;
};

// Of all figures of four notes, those whose intervals were heard before, up to ten phrases ago, without overlap.
Returning returning(const std::vector<PhraseNotes>& phrases, bool rhythm) {
  struct Place {
    size_t phrase;
    size_t note;
  };
  Returning counts;
  std::map<std::array<int, figure_intervals>, std::vector<Place>> heard;
  for (size_t p = 0; p < phrases.size(); ++p) {
    const std::vector<int>& intervals = phrases[p].intervals;
    for (size_t i = 0; i + figure_intervals <= intervals.size(); ++i) {
      counts.figures += 1.0;
      std::vector<Place>& places = heard[{intervals[i], intervals[i + 1], intervals[i + 2]}];
      std::erase_if(places, [&](const Place& place) { return place.phrase + phrases_back < p; });
      const auto apart = [&](const Place& place) {
        return place.phrase < p || place.note + figure_intervals < i;
      };
      counts.found += std::any_of(places.begin(), places.end(), apart) ? 1.0 : 0.0;
      const auto alike = [&](const Place& place) {
        return apart(place) && same_rhythm(phrases[p], i, phrases[place.phrase], place.note);
      };
      if (rhythm) counts.with_rhythm += std::any_of(places.begin(), places.end(), alike) ? 1.0 : 0.0;
      places.push_back({p, i});
    }
  }
  return counts;
}

// Phrases of the same lengths whose intervals walk along the first-order chain of the piece's own.
double share_by_chance(const std::vector<PhraseNotes>& phrases) {
  std::map<int, std::vector<int>> followers;
  std::vector<int> all;
  for (const PhraseNotes& phrase : phrases) {
    all.insert(all.end(), phrase.intervals.begin(), phrase.intervals.end());
    for (size_t i = 0; i + 1 < phrase.intervals.size(); ++i)
      followers[phrase.intervals[i]].push_back(phrase.intervals[i + 1]);
  }
  if (all.empty()) return 0.0;
  Rng rng(null_seed, "markov");
  Returning sum;
  for (size_t n = 0; n < null_pieces; ++n) {
    std::vector<PhraseNotes> drawn(phrases.size());
    for (size_t p = 0; p < phrases.size(); ++p) {
      for (size_t i = 0; i < phrases[p].intervals.size(); ++i) {
        const auto next = i == 0 ? followers.end() : followers.find(drawn[p].intervals.back());
        const std::vector<int>& from = next == followers.end() ? all : next->second;
        drawn[p].intervals.push_back(from[rng.index(from.size())]);
      }
    }
    const Returning counts = returning(drawn, false);
    sum.figures += counts.figures;
    sum.found += counts.found;
  }
  return sum.figures > 0.0 ? sum.found / sum.figures : 0.0;
}

bool comes_to_rest(const Score& score, const SoundedNote& note) {
  const int above_tonic = (pitch_class(note.pitch) - score.key_at(note.t).tonic + 12) % 12;
  return above_tonic == 0 || above_tonic == fifth_st;
}

int turns_of(const std::vector<int>& intervals) {
  int turns = 0;
  for (size_t i = 1; i < intervals.size(); ++i) turns += intervals[i] * intervals[i - 1] < 0 ? 1 : 0;
  return turns;
}

// ---- bells

std::vector<int> contour(std::span<const int> intervals) {
  std::vector<int> signs;
  for (int interval : intervals) signs.push_back((interval > 0) - (interval < 0));
  return signs;
}

// An answer keeps the contour of a phrase where it goes as the phrase began or as it ended.
bool keeps_contour(const std::vector<int>& answer, const PhraseNotes& phrase) {
  const size_t n = answer.size();
  if (phrase.intervals.size() < n) return false;
  const std::span<const int> intervals = phrase.intervals;
  return contour(intervals.first(n)) == answer || contour(intervals.last(n)) == answer;
}

struct Answer {
  size_t phrase;
  std::vector<int> contour;
};

std::vector<Answer> answers_of(const std::vector<PhraseNotes>& phrases,
                               const std::vector<const SoundedNote*>& bells) {
  std::vector<Answer> answers;
  for (size_t p = 0; p < phrases.size(); ++p) {
    const double until_s = p + 1 < phrases.size() ? phrases[p + 1].onsets_s.front() : HUGE_VAL;
    auto bell = std::lower_bound(bells.begin(), bells.end(), phrases[p].onsets_s.back(),
                                 [](const SoundedNote* note, double t) { return note->t <= t; });
    std::vector<int> intervals;
    const SoundedNote* last = nullptr;
    for (; bell != bells.end() && (*bell)->t < until_s && intervals.size() + 1 < longest_answer; ++bell) {
      if (last == nullptr ? (*bell)->t > phrases[p].end_s + answer_within_s
                          : (*bell)->t - last->t > answer_gap_s)
        break;
      if (last != nullptr) intervals.push_back(static_cast<int>(std::lround((*bell)->pitch - last->pitch)));
      last = *bell;
    }
    if (intervals.size() + 1 >= shortest_answer) answers.push_back({p, contour(intervals)});
  }
  return answers;
}

}  // namespace

ordered_json lead_measures(const Score& score) {
  const std::vector<const SoundedNote*> lead = score.of_layers({"lead"});
  const std::vector<PhraseNotes> phrases = phrases_of(lead);
  const Returning found = returning(phrases, true);
  const double share = found.figures > 0.0 ? found.found / found.figures : 0.0;
  const double by_chance = share_by_chance(phrases);
  double ends = 0.0;
  double notes_at_rest = 0.0;
  double turns = 0.0;
  double inner = 0.0;
  for (const PhraseNotes& phrase : phrases) {
    ends += comes_to_rest(score, *phrase.last) ? 1.0 : 0.0;
    turns += turns_of(phrase.intervals);
    inner += phrase.intervals.empty() ? 0.0 : static_cast<double>(phrase.intervals.size() - 1);
  }
  for (const SoundedNote* note : lead) notes_at_rest += comes_to_rest(score, *note) ? 1.0 : 0.0;
  const double rest_share = lead.empty() ? 0.0 : notes_at_rest / static_cast<double>(lead.size());
  const double ends_share = phrases.empty() ? 0.0 : ends / static_cast<double>(phrases.size());
  return {{"lead_turns_share", ratio(turns, inner)},
          {"lead_figures_returning", ratio(found.found, found.figures)},
          {"lead_figures_by_chance", found.figures > 0.0 ? ordered_json(rounded(by_chance, 4)) : nullptr},
          {"lead_figures_ratio", ratio(share, by_chance)},
          {"lead_figures_with_rhythm", ratio(found.with_rhythm, found.figures)},
          {"lead_phrases", phrases.size()},
          {"lead_ends_at_rest", ratio(ends, static_cast<double>(phrases.size()))},
          {"lead_ends_ratio", ratio(ends_share, rest_share)}};
}

ordered_json answer_measures(const Score& score) {
  const std::vector<PhraseNotes> phrases = phrases_of(score.of_layers({"lead"}));
  const std::vector<Answer> answers = answers_of(phrases, score.of_layers({"bells"}));
  double kept = 0.0;
  double kept_by_chance = 0.0;
  double compared = 0.0;
  const size_t step = std::max<size_t>(1, phrases.size() / phrases_compared);
  for (const Answer& answer : answers) {
    kept += keeps_contour(answer.contour, phrases[answer.phrase]) ? 1.0 : 0.0;
    for (size_t p = answer.phrase % step; p < phrases.size(); p += step) {
      if (p == answer.phrase) continue;
      compared += 1.0;
      kept_by_chance += keeps_contour(answer.contour, phrases[p]) ? 1.0 : 0.0;
    }
  }
  const auto count = static_cast<double>(answers.size());
  const double by_chance = compared > 0.0 ? kept_by_chance / compared : 0.0;
  return {{"bells_answers", answers.size()},
          {"bells_answers_in_contour", ratio(kept, count)},
          {"bells_answers_by_chance", ratio(kept_by_chance, compared)},
          {"bells_answers_ratio", count > 0.0 ? ratio(kept / count, by_chance) : ordered_json(nullptr)}};
}

}  // namespace auralis
