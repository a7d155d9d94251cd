// SPDX-License-Identifier: MIT
// Brushed noise: a few cycles of an uneven rhythm in half beats, then a rest of several.
#include <algorithm>
#include <cmath>

#include "compose/parts/part.h"
#include "compose/theory/rhythm.h"

namespace auralis {
namespace {

constexpr double ask_again_s = 2.0;  // while it may not play
constexpr double slot_beats = 0.5;
constexpr size_t most_cycles = 4;  // before a rest
constexpr Range rest_s{6.0, 24.0};
constexpr double kept_share = 0.3;  // of the onsets, in thin music
constexpr double kept_with_density = 0.7;
constexpr double shortest_gap_s = 0.05;

class Brush : public CopyablePart<Brush> {
 public:
  PartTraits traits() const override {
    return {.stream = percussion_stream, .keeps_beat = true, .follows_arcs = false};
  }

  void play(size_t, const Moment& moment, Player& player) override {
    Rng& rng = player.rng;
    if (!moment.active) {
      slots_.clear();
      return player.wake(moment.now_s + ask_again_s);
    }
    if (moment.quiet) return player.wake(moment.quiet_over_s());
    if (slots_.empty()) draw_cycles(moment, rng);
    const bool onset = slots_.back();
    slots_.pop_back();
    const double kept = kept_share + kept_with_density * moment.density;
    if (onset && thinning_.keep(kept, rng)) player.strike(moment, moment.any_pitch(rng));
    const double pause_s = slots_.empty() ? moment.rest_s(rest_s, rng) : 0.0;
    player.wake(std::max(moment.now_s + slot_beats * moment.beat_s() + pause_s + moment.humanised_s(rng),
                         moment.now_s + shortest_gap_s));
  }

  void cross(const Moment&, Player&, bool new_preset, double) override {
    if (new_preset) slots_.clear();
  }

 private:
  // Each time of another length, turned another way.
  void draw_cycles(const Moment& moment, Rng& rng) {
    const PercussionPlan& plan = moment.preset().percussion;
    const int length = static_cast<int>(std::lround(plan.brush_slots.at(rng.uniform())));
    const int pulses = std::min(static_cast<int>(std::lround(plan.brush_pulses.at(moment.density))), length);
    const int rotation = static_cast<int>(rng.index(static_cast<size_t>(length)));
    const std::vector<bool> once = euclidean(pulses, length, rotation);
    const size_t cycles = 1 + rng.index(most_cycles);
    for (size_t i = 0; i < cycles; ++i) slots_.insert(slots_.end(), once.begin(), once.end());
  }

  std::vector<bool> slots_;  // what is left, the next last
  Thinning thinning_;
};

}  // namespace

std::unique_ptr<Part> make_brush(uint64_t) { return std::make_unique<Brush>(); }

}  // namespace auralis
