// SPDX-License-Identifier: MIT
// Soft deep beats on the bass, whole bars apart in Euclidean rhythms, never the same cycle twice.
#include <algorithm>
#include <cmath>
#include <iterator>

#include "compose/parts/part.h"
#include "compose/theory/rhythm.h"

namespace auralis {
namespace {

constexpr double ask_again_s = 2.0;  // while it may not play
constexpr double beats_per_bar = 4.0;
constexpr int cycles_bars[] = {11, 13, 17, 19, 23};

class LowHits : public CopyablePart<LowHits> {
 public:
  PartTraits traits() const override {
    return {.stream = percussion_stream, .keeps_beat = true, .follows_arcs = false};
  }

  void play(size_t, const Moment& moment, Player& player) override {
    if (!moment.active) {
      gaps_bars_.clear();
      return player.wake(moment.now_s + ask_again_s);
    }
    if (moment.quiet) return player.wake(moment.quiet_over_s());
    if (gaps_bars_.empty()) draw_gaps(moment, player.rng);
    const int pitch = moment.lowest(moment.chord.bass());
    const double dur_s = moment.plan.note_s.at(player.rng.uniform());
    player.play(pitch, player.rng.uniform(), dur_s);
    const double bars = gaps_bars_.back();
    gaps_bars_.pop_back();
    player.wake(moment.now_s + beats_per_bar * bars * moment.beat_s() + moment.humanised_s(player.rng));
  }

  void cross(const Moment&, Player&, bool new_preset, double) override {
    if (new_preset) gaps_bars_.clear();
  }

 private:
  // The distances between the onsets of a Euclidean rhythm: as even as whole bars allow.
  void draw_gaps(const Moment& moment, Rng& rng) {
    const Range& range = moment.preset().percussion.low_bars;
    const Range dense_to_thin{range.high, range.low};
    const double wanted = dense_to_thin.at(smooth_step(percussion_from_intensity, 1.0, moment.density));
    const int slots = cycles_bars[rng.index(std::size(cycles_bars))];
    const int pulses = std::clamp(static_cast<int>(std::lround(slots / wanted)), 1, slots);
    const std::vector<bool> rhythm = euclidean(pulses, slots, 0);
    for (int i = 0, last = 0; i < slots; ++i) {
      const bool end = i + 1 == slots;
      if (!end && !rhythm[static_cast<size_t>(i) + 1]) continue;
      gaps_bars_.push_back(std::clamp(static_cast<double>(i + 1 - last), range.low, range.high));
      last = i + 1;
    }
  }

  std::vector<double> gaps_bars_;  // what is left of the cycle, the next last
};

}  // namespace

std::unique_ptr<Part> make_low(uint64_t) { return std::make_unique<LowHits>(); }

}  // namespace auralis
