// SPDX-License-Identifier: MIT
// Swells: one tone, common to both chords where there is one, that rises and ends where the next chord begins.
#include "compose/parts/part.h"

namespace auralis {
namespace {

constexpr double least_wait_s = 1.0;  // a chord with less time before the swell has none

class Swell : public CopyablePart<Swell> {
 public:
  PartTraits traits() const override { return {.stream = percussion_stream}; }
  void begin(const Moment&, Player&) override {}  // chords ask for it

  void chord_begins(const Moment& moment, Player& player) override {
    if (!moment.has_next()) return;
    const PercussionPlan& plan = moment.preset().percussion;
    player.sleep();
    if (!player.rng.chance(plan.swells)) return;
    length_s_ = plan.swell_s.at(player.rng.uniform());
    const double begin_s = moment.next.t_s - length_s_;
    if (moment.state.time.silence_from_s == never && begin_s > moment.now_s + least_wait_s)
      player.wake(begin_s);
  }

  void play(size_t, const Moment& moment, Player& player) override {
    if (!moment.active || moment.quiet) return;
    const int pitch = common_tone(moment, moment.any_pitch(player.rng));
    player.play(pitch, player.rng.uniform(), length_s_);
  }

  void enter(const Moment& moment, Player& player) override {
    length_s_ = moment.preset().percussion.swell_s.low;
    player.wake(moment.now_s);
  }

 private:
  static int common_tone(const Moment& moment, int wanted) {
    const auto in_both = [&](int pitch) {
      return moment.chord.chord.contains(pitch) && moment.next.chord.contains(pitch);
    };
    for (int distance = 0; distance < octave_st; ++distance) {
      if (in_both(wanted - distance)) return wanted - distance;
      if (in_both(wanted + distance)) return wanted + distance;
    }
    return moment.chord_tone_near(wanted);
  }

  double length_s_ = 5.0;
};

}  // namespace

std::unique_ptr<Part> make_swell(uint64_t) { return std::make_unique<Swell>(); }

}  // namespace auralis
