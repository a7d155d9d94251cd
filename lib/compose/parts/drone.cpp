// SPDX-License-Identifier: MIT
// The ground: one low tone that lasts, now and then its fifth with it. Two of its notes overlap, so that it never breaks.
#include <algorithm>

#include "compose/parts/part.h"

namespace auralis {
namespace {

constexpr double ask_again_s = 2.0;  // while it may not play
constexpr double least_overlap_s =
    0.5;  // a note of the old bass that would outlast the overlap by this is released
constexpr double shortest_note_s = 2.0;    // between two of its notes
constexpr double near_change_s = 4.0;      // a note that would end so near a change of bass ends with it
constexpr double overlap_into_next = 0.7;  // of the overlap, into another bass
constexpr double fifth_stress = 0.5;       // of the tone's below it

class Drone : public CopyablePart<Drone> {
 public:
  void begin(const Moment& moment, Player& player) override { player.wake(moment.now_s); }

  void chord_begins(const Moment& moment, Player& player) override {
    if (moment.chord.bass() != pitch_class_) player.wake(moment.now_s);
  }

  void cross(const Moment& moment, Player& player, bool, double cross_s) override {
    player.wake(moment.now_s + cross_s);
  }

  void play(size_t, const Moment& moment, Player& player) override {
    const double now_s = moment.now_s;
    if (!moment.active) return player.wake(now_s + ask_again_s);
    if (moment.quiet) return player.wake(moment.quiet_over_s());
    const DronePlan& plan = moment.preset().drone;
    const int bass = moment.chord.bass();
    const int next_bass = moment.next.bass();
    if (pitch_class_ != bass)
      player.release_all(now_s + plan.overlap_s + least_overlap_s, now_s + plan.overlap_s);
    double end_s = now_s + moment.note_s(player.rng);
    if (bass != next_bass && end_s > moment.next.t_s - near_change_s)
      end_s = moment.next.t_s + overlap_into_next * plan.overlap_s;
    strike_ground(moment, player, moment.lowest(bass), end_s);
    pitch_class_ = bass;
    if (end_s >= moment.quiet_from_s) return player.wake(moment.quiet_from_s);
    double again_s = end_s - plan.overlap_s;
    if (bass != next_bass) again_s = std::min(again_s, moment.next.t_s);
    player.wake(std::max(again_s, now_s + shortest_note_s));
  }

 private:
  static void strike_ground(const Moment& moment, Player& player, int pitch, double end_s) {
    const double stress = player.rng.uniform();
    player.play(pitch, stress, end_s - moment.now_s);
    const int fifth = pitch + fifth_st;
    if (player.rng.chance(moment.preset().drone.fifth) &&
        fifth <= static_cast<int>(moment.plan.pitches.high) + fifth_st &&
        moment.state.scale.contains(fifth) && agrees(moment.chord.chord, fifth) &&
        (end_s <= moment.next.t_s || agrees(moment.next.chord, fifth))) {
      player.play(fifth, fifth_stress * stress, end_s - moment.now_s);
    }
  }

  int pitch_class_ = -1;
};

}  // namespace

std::unique_ptr<Part> make_drone(uint64_t) { return std::make_unique<Drone>(); }

}  // namespace auralis
