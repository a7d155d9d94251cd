// SPDX-License-Identifier: MIT
// Bells: they answer the lead's phrases, and in between strike a few tones of the chord.
#include <algorithm>

#include "compose/parts/part.h"

namespace auralis {
namespace {

constexpr double ask_again_s = 3.0;  // while it may not play
constexpr Range after_silence_s{1.0, 8.0};
constexpr Range rest_s{9.0, 30.0};
constexpr double another = 0.45;       // chance that one more tone follows
constexpr size_t most_half_beats = 5;  // until it does
constexpr double shortest_gap_s = 0.1;
constexpr double beats_before_answer = 2.0;
constexpr double after_crossing_s = 2.0;

class Bells : public CopyablePart<Bells> {
 public:
  PartTraits traits() const override { return {.keeps_beat = true}; }

  void play(size_t, const Moment& moment, Player& player) override {
    Rng& rng = player.rng;
    if (!moment.active) {
      answer_.clear();
      return player.wake(moment.now_s + ask_again_s);
    }
    if (moment.quiet)
      return player.wake(moment.quiet_over_s() + rng.uniform(after_silence_s.low, after_silence_s.high));
    if (!answer_.empty()) {
      const MotifNote note = answer_.back();
      answer_.pop_back();
      const Scale& scale = moment.state.scale;
      if (note.offset == 0) base_ = scale.nearest_index(moment.any_pitch(rng));
      player.strike(moment, scale.pitch_at(base_ + note.offset));
      if (!answer_.empty()) return follow(note.beats, moment, player);
    } else {
      player.strike(moment, moment.any_pitch(rng));
      if (rng.chance(another))
        return follow(0.5 * static_cast<double>(1 + rng.index(most_half_beats)), moment, player);
    }
    player.wake(moment.now_s + moment.rest_s(rest_s, rng));
  }

  void take_up(const Phrase& phrase, const Moment& moment, Player& player) override {
    answer_.assign(phrase.motif.rbegin(), phrase.motif.rend());
    player.wake(phrase.end_s + beats_before_answer * moment.beat_s() + moment.humanised_s(player.rng));
  }

  void cross(const Moment& moment, Player& player, bool, double cross_s) override {
    answer_.clear();
    player.wake(moment.now_s + cross_s + after_crossing_s);
  }

 private:
  static void follow(double beats, const Moment& moment, Player& player) {
    player.wake(std::max(moment.now_s + beats * moment.beat_s() + moment.humanised_s(player.rng),
                         moment.now_s + shortest_gap_s));
  }

  Motif answer_;  // what is left of it, the next note last
  int base_ = 0;  // index of the scale that it stands on
};

}  // namespace

std::unique_ptr<Part> make_bells(uint64_t) { return std::make_unique<Bells>(); }

}  // namespace auralis
