// SPDX-License-Identifier: MIT
// One part alone on a stage: chords that change by the clock, and what the part makes of them. A value, as parts are.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "compose/parts/ensemble.h"
#include "compose/theory/voicing.h"
#include "model/music.h"

namespace auralis::testing {

class Stage {
 public:
  explicit Stage(Layer layer, uint64_t seed = 1) : layer_(layer), ensemble_(seed, schedule_) {
    state.scale = {2, find_mode("dorian")};
    state.key = "D";
  }

  // To be set before begin().
  PieceState state;
  double chord_s = 30.0;
  double density = 0.5;
  bool active = true;
  bool pedal = false;

  LayerPlan& plan() { return state.preset.layer(layer_); }

  void begin() {
    set_chords();
    visit([](Part& part, const Moment& moment, Player& player) { part.begin(moment, player); });
    visit([](Part& part, const Moment& moment, Player& player) { part.chord_begins(moment, player); });
  }

  // Goes on to this second; answers the notes that were played on the way, in order.
  std::vector<NoteEvent> play_until(double to_s) {
    const Ensemble::Member& member = ensemble_.of(layer_);
    while (true) {
      const size_t sleeper = schedule_.first();
      const double wakes_s = schedule_.wakes_at(sleeper);
      if (std::min(wakes_s, next_.t_s) >= to_s) break;
      if (next_.t_s <= wakes_s) {
        state.time.now_s = next_.t_s;
        set_chords();
        visit([](Part& part, const Moment& moment, Player& player) { part.chord_begins(moment, player); });
        continue;
      }
      state.time.now_s = wakes_s;
      schedule_.sleep(sleeper);
      visit([&](Part& part, const Moment& moment, Player& player) {
        part.play(sleeper - member.first_sleeper, moment, player);
      });
    }
    std::vector<Event> events;
    queue_.flush(to_s, false, events);
    std::vector<NoteEvent> notes;
    for (const Event& event : events) {
      if (const auto* note = std::get_if<NoteEvent>(&event)) notes.push_back(*note);
    }
    return notes;
  }

  // What the part is shown now.
  template <typename F>
  void visit(const F& f) {
    const Ensemble::Member& member = ensemble_.of(layer_);
    Player player(layer_, member.traits.keeps_beat, member.first_sleeper, ensemble_.stream_of(member), state,
                  notes_, schedule_, queue_);
    f(*member.part, moment(), player);
  }

  // The chords are a round: i7, IV7, ii7, VII7 of dorian.
  Chord chord_at(double t_s) const {
    static constexpr int degrees[] = {0, 3, 1, 6};
    const auto n = static_cast<size_t>(t_s / chord_s);
    return *make_chord(state.scale, degrees[n % std::size(degrees)], Colour::seventh);
  }
  double chord_ends_s(double t_s) const {
    return chord_s * (1.0 + static_cast<double>(static_cast<int>(t_s / chord_s)));
  }
  const Part& part() const { return *ensemble_.of(layer_).part; }

 private:
  void set_chords() {
    const double now_s = state.time.now_s;
    current_ = planned(now_s);
    next_ = planned(chord_ends_s(now_s));
  }

  PlannedChord planned(double t_s) const {
    PlannedChord planned;
    planned.t_s = t_s;
    planned.scale = state.scale;
    planned.chord = chord_at(t_s);
    planned.voicing = voice_chord(planned.chord, current_.voicing, {});
    planned.scene.pedal = pedal;
    return planned;
  }

  Moment moment() const {
    std::array<bool, layer_count> plays{};
    plays.fill(true);
    const Timeline& time = state.time;
    return {state,
            layer_,
            state.preset.layer(layer_),
            current_,
            next_,
            time.now_s,
            density,
            0,
            time.quiet_from(),
            time.quiet(),
            plays,
            active,
            ensemble_.of(Layer::lead).part->rests(),
            nullptr};
  }

  Layer layer_;
  Schedule schedule_;
  SoundingNotes notes_;
  EventQueue queue_;
  Ensemble ensemble_;
  PlannedChord current_;
  PlannedChord next_;
};

}  // namespace auralis::testing
