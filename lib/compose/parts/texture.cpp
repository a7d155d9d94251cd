// SPDX-License-Identifier: MIT
// Air and grain: long tones that overlap, closer together in dense music.
#include <algorithm>

#include "compose/parts/part.h"

namespace auralis {
namespace {

constexpr double ask_again_s = 3.0;  // while it may not play
constexpr Range after_silence_s{0.5, 3.0};
constexpr Range next_after{0.6, 1.1};      // of a tone's length
constexpr Range density_factor{1.3, 0.8};  // on that, from thin music to dense
constexpr double shortest_gap_s = 0.5;

class Texture : public CopyablePart<Texture> {
 public:
  void play(size_t, const Moment& moment, Player& player) override {
    if (!moment.active) return player.wake(moment.now_s + ask_again_s);
    if (moment.quiet)
      return player.wake(moment.quiet_over_s() +
                         player.rng.uniform(after_silence_s.low, after_silence_s.high));
    const double dur_s = player.strike(moment, moment.any_pitch(player.rng));
    const double share = player.rng.uniform(next_after.low, next_after.high);
    const double wait_s = dur_s * share * density_factor.at(moment.density) / moment.plan.pace;
    player.wake(moment.now_s + std::max(wait_s, shortest_gap_s));
  }

  void intensity_changed(const Moment& moment, Player& player) override { cut_rest(moment, player); }
};

}  // namespace

std::unique_ptr<Part> make_texture(uint64_t) { return std::make_unique<Texture>(); }

}  // namespace auralis
