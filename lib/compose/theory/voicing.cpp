// SPDX-License-Identifier: MIT
#include "compose/theory/voicing.h"

#include <algorithm>
#include <compare>
#include <cstdlib>
#include <functional>
#include <numeric>

namespace auralis {
namespace {

constexpr int entering_cost_st = 6;
// Below this pitch close intervals turn to mud: neighbours keep a fourth apart.
constexpr int mud_pitch = 50;
constexpr int mud_gap = 5;

class Search {
 public:
  Search(const Chord& chord, const std::vector<int>& before, const VoicingLimits& limits)
      : chord_(chord), before_(before), limits_(limits) {
    for (int pitch = limits.low; pitch <= limits.high; ++pitch) {
      if (chord.contains(pitch)) candidates_.push_back(pitch);
    }
  }

  // Of those that rank alike the first: the one whose pitches are lower from below.
  std::vector<int> best() {
    std::vector<int> best;
    Rank least;
    each([&](const std::vector<int>& pitches) {
      const Rank rank = rank_of(pitches);
      if (!best.empty() && rank >= least) return;
      best = pitches;
      least = rank;
    });
    return best;
  }

  std::vector<std::vector<int>> like(const std::vector<int>& voicing) {
    const Rank own = rank_of(voicing);
    std::vector<std::vector<int>> found;
    each([&](const std::vector<int>& other) {
      const Rank rank = rank_of(other);
      const bool same_outer = other.front() == voicing.front() && other.back() == voicing.back();
      const bool as_good = rank.lacks_wanted <= own.lacks_wanted &&
                           rank.not_held <= own.not_held + fewer_held && rank.left_out <= own.left_out &&
                           rank.movement_st <= own.movement_st + more_movement_st;
      if (same_outer && as_good) found.push_back(other);
    });
    return found;
  }

 private:
  // Smaller is better.
  struct Rank {
    bool lacks_wanted = false;
    int not_held = 0;  // pitches
    int left_out = 0;  // of the chord's tones, each by what it says
    int movement_st = 0;
    int off_middle = 0;
    auto operator<=>(const Rank&) const = default;
  };

  // In the order of their pitches from below.
  template <class Visit>
  void each(const Visit& visit, size_t from = 0) {
    if (static_cast<int>(chosen_.size()) == limits_.voices) return visit(chosen_);
    for (size_t i = from; i < candidates_.size(); ++i) {
      if (!chosen_.empty()) {
        const int gap = candidates_[i] - chosen_.back();
        const int least =
            chosen_.back() < mud_pitch ? std::max(mud_gap, limits_.least_gap) : limits_.least_gap;
        if (gap < least) continue;
        if (gap > limits_.most_gap) break;
      }
      chosen_.push_back(candidates_[i]);
      each(visit, i + 1);
      chosen_.pop_back();
    }
  }

  Rank rank_of(const std::vector<int>& pitches) const {
    Rank rank;
    int sum = 0;
    for (int pitch : pitches) {
      rank.not_held += std::binary_search(before_.begin(), before_.end(), pitch) ? 0 : 1;
      sum += pitch;
    }
    for (size_t i = 0; i < chord_.intervals.size(); ++i) {
      const int interval = chord_.intervals[i];
      const bool there = std::any_of(pitches.begin(), pitches.end(),
                                     [&](int p) { return wrap(p - chord_.root, octave_st) == interval; });
      // The root sounds in the bass and the fifth says least: colour comes first.
      if (!there) rank.left_out += interval == 0 || interval == 7 ? 2 : 3;
    }
    rank.lacks_wanted = limits_.wanted >= 0 && std::none_of(pitches.begin(), pitches.end(), [&](int p) {
                          return wrap(p, octave_st) == limits_.wanted;
                        });
    rank.movement_st = movement_st(before_, pitches);
    rank.off_middle = std::abs(2 * sum - static_cast<int>(pitches.size()) * (limits_.low + limits_.high));
    return rank;
  }

  const Chord& chord_;
  const std::vector<int>& before_;
  const VoicingLimits& limits_;
  std::vector<int> candidates_;
  std::vector<int> chosen_;
};

}  // namespace

int movement_st(const std::vector<int>& from, const std::vector<int>& to) {
  if (from.empty()) return 0;
  if (from.size() == to.size()) {
    return std::inner_product(from.begin(), from.end(), to.begin(), 0, std::plus<>(),
                              [](int a, int b) { return std::abs(a - b); });
  }
  // Edit distance in order: crossing voices never move less.
  std::vector<int> cost(to.size() + 1);
  for (size_t j = 0; j <= to.size(); ++j) cost[j] = static_cast<int>(j) * entering_cost_st;
  for (int pitch : from) {
    int diagonal = cost[0];
    cost[0] += entering_cost_st;
    for (size_t j = 0; j < to.size(); ++j) {
      const int above = cost[j + 1];
      cost[j + 1] = std::min(
          {diagonal + std::abs(pitch - to[j]), above + entering_cost_st, cost[j] + entering_cost_st});
      diagonal = above;
    }
  }
  return cost.back();
}

std::vector<int> voice_chord(const Chord& chord, const std::vector<int>& before,
                             const VoicingLimits& limits) {
  VoicingLimits tried = limits;
  for (tried.voices = limits.voices; tried.voices > 0; --tried.voices) {
    tried.most_gap = limits.most_gap;
    for (tried.least_gap = limits.least_gap; tried.least_gap > 0; --tried.least_gap) {
      if (std::vector<int> best = Search(chord, before, tried).best(); !best.empty()) return best;
    }
    tried.least_gap = limits.least_gap;
    for (tried.most_gap = limits.most_gap + 1; tried.most_gap <= 24; ++tried.most_gap) {
      if (std::vector<int> best = Search(chord, before, tried).best(); !best.empty()) return best;
    }
  }
  return {};
}

std::vector<std::vector<int>> voicings_like(const std::vector<int>& voicing, const Chord& chord,
                                            const std::vector<int>& before, const VoicingLimits& limits) {
  // As wide as the voicing itself had to be.
  VoicingLimits tried = limits;
  tried.voices = static_cast<int>(voicing.size());
  for (size_t i = 1; i < voicing.size(); ++i) {
    const int gap = voicing[i] - voicing[i - 1];
    tried.least_gap = std::min(tried.least_gap, gap);
    tried.most_gap = std::max(tried.most_gap, gap);
  }
  return Search(chord, before, tried).like(voicing);
}

}  // namespace auralis
