// SPDX-License-Identifier: MIT
// The melody: phrases on a grid of beats, with rests between them, some of which the bells answer.
#include <algorithm>
#include <cmath>
#include <utility>

#include "compose/parts/melody.h"
#include "compose/parts/part.h"

namespace auralis {
namespace {

constexpr double ask_again_s = 4.0;  // while it may not play
constexpr Range after_silence_s{1.0, 6.0};
constexpr double least_before_quiet_s = 1.5;   // too little to begin a note in
constexpr double least_before_phrase_s = 6.0;  // too little to begin a phrase in
constexpr double shortest_gap_s = 0.08;        // between onsets, however they stray
constexpr double after_crossing_s = 1.0;

class Lead : public CopyablePart<Lead> {
 public:
  explicit Lead(uint64_t seed) : melody_(seed) {}

  PartTraits traits() const override { return {.keeps_beat = true}; }

  void play(size_t, const Moment& moment, Player& player) override {
    const double now_s = moment.now_s;
    const MelodyPlan& plan = moment.preset().melody;
    const MelodyContext context = context_of(moment);
    if (!moment.active) {
      // A phrase comes to rest before the layer leaves.
      if (!leaves_) melody_.close(plan, context);
      leaves_ = true;
      if (melody_.phrase_over()) return player.wake(now_s + ask_again_s);
    } else {
      leaves_ = false;
    }
    if (moment.quiet)
      return player.wake(moment.quiet_over_s() +
                         player.rng.uniform(after_silence_s.low, after_silence_s.high));
    const double least_s = melody_.phrase_over() ? least_before_phrase_s : least_before_quiet_s;
    if (context.until_quiet_s < least_s) {
      melody_.break_off();
      return player.wake(now_s + std::max(context.until_quiet_s, least_before_quiet_s));
    }
    if (melody_.phrase_over()) {
      melody_.begin_phrase(plan, context);
      grid_s_ = now_s;
    }
    const Melody::Note note = melody_.next(plan, context, moment.source);
    player.play(note.pitch, note.stress, note.dur_s);
    grid_s_ += (note.beats + note.rest_beats) * moment.beat_s();
    if (!melody_.phrase_over())
      return player.wake(std::max(grid_s_ + moment.humanised_s(player.rng), now_s + shortest_gap_s));
    const double rest_s = moment.rest_s(plan.rest_s, player.rng);
    if (moment.plays[static_cast<size_t>(Layer::bells)] && player.rng.chance(plan.answer))
      phrase_ = Phrase{melody_.answer(), grid_s_};
    player.wake(grid_s_ + rest_s);
  }

  std::optional<Phrase> take_phrase() override { return std::exchange(phrase_, std::nullopt); }
  int motif() const override { return melody_.motif(); }
  bool rests() const override { return melody_.phrase_over(); }

  void let_go(double) override { melody_.break_off(); }

  void cross(const Moment& moment, Player& player, bool, double cross_s) override {
    melody_.break_off();
    player.wake(moment.now_s + cross_s + after_crossing_s);
  }

  void intensity_changed(const Moment& moment, Player& player) override { cut_rest(moment, player); }

  void tempo_changed(double now_s, double factor) override { grid_s_ = now_s + (grid_s_ - now_s) * factor; }

 private:
  static MelodyContext context_of(const Moment& moment) {
    const Range& pitches = moment.plan.pitches;
    const int shift_st = moment.register_st / 2;  // half as far as the harmony
    MelodyContext context;
    context.scale = moment.state.scale;
    context.chord = &moment.chord.chord;
    context.next = moment.has_next() ? &moment.next.chord : nullptr;
    context.until_next_s = moment.has_next() ? moment.next.t_s - moment.now_s : never;
    context.until_quiet_s = moment.quiet_from_s - moment.now_s;
    context.beat_s = moment.beat_s();
    context.low = static_cast<int>(pitches.low) + shift_st;
    context.high = static_cast<int>(pitches.high) + shift_st;
    context.centre = static_cast<int>(std::lround(pitches.at(0.5)));
    context.intensity = moment.state.intensity;
    context.themes = moment.chord.scene.themes;
    return context;
  }

  Melody melody_;
  bool leaves_ = false;  // the layer may not play, and its phrase was told
  double grid_s_ = 0.0;  // where the next note would begin if it did not stray
  std::optional<Phrase> phrase_;
};

}  // namespace

std::unique_ptr<Part> make_lead(uint64_t seed) { return std::make_unique<Lead>(seed); }

}  // namespace auralis
