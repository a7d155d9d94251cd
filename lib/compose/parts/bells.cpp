// SPDX-License-Identifier: MIT
// Bells: they answer the lead's phrases in its contour and rhythm, on tones of the chord, and in between strike a few.
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
      const Struck note = answer_.back();
      answer_.pop_back();
      const std::vector<int> tones = chord_tones(moment);
      if (place_ < 0) place_ = first_place(note, static_cast<int>(tones.size()), rng);
      place_ += note.up;
      player.strike(moment,
                    tones[static_cast<size_t>(std::clamp(place_, 0, static_cast<int>(tones.size()) - 1))]);
      if (!answer_.empty()) return follow(note.beats, moment, player);
    } else {
      player.strike(moment, moment.any_pitch(rng));
      if (rng.chance(another))
        return follow(0.5 * static_cast<double>(1 + rng.index(most_half_beats)), moment, player);
    }
    player.wake(moment.now_s + moment.rest_s(rest_s, rng));
  }

  void take_up(const Phrase& phrase, const Moment& moment, Player& player) override {
    answer_.clear();
    place_ = -1;
    int last = 0;
    for (const MotifNote& note : phrase.motif) {
      const int steps = note.offset - last;
      answer_.push_back({(steps > 0) - (steps < 0), note.beats});
      last = note.offset;
    }
    std::reverse(answer_.begin(), answer_.end());
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

  // A note of an answer: up so many tones of the chord from the one before.
  struct Struck {
    int up = 0;
    double beats = 1.0;
  };

  static std::vector<int> chord_tones(const Moment& moment) {
    std::vector<int> tones;
    const int low = static_cast<int>(moment.plan.pitches.low);
    const int high = std::max(static_cast<int>(moment.plan.pitches.high), low + octave_st - 1);
    for (int pitch = low; pitch <= high; ++pitch) {
      if (moment.chord.chord.contains(pitch)) tones.push_back(pitch);
    }
    return tones;
  }

  // Where an answer begins whose first note is `first`, so that all of it has room.
  int first_place(const Struck& first, int tones, Rng& rng) const {
    int place = first.up;
    int lowest = place;
    int highest = place;
    for (auto note = answer_.rbegin(); note != answer_.rend(); ++note) {
      place += note->up;
      lowest = std::min(lowest, place);
      highest = std::max(highest, place);
    }
    const int room = tones - 1 - (highest - lowest);
    return -lowest + (room > 0 ? static_cast<int>(rng.index(static_cast<size_t>(room) + 1)) : 0);
  }

  std::vector<Struck> answer_;  // what is left of it, the next note last
  int place_ = -1;              // of its last note among the tones of the chord; −1 before the first
};

}  // namespace

std::unique_ptr<Part> make_bells(uint64_t) { return std::make_unique<Bells>(); }

}  // namespace auralis
