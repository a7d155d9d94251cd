// SPDX-License-Identifier: MIT
// One layer's way of playing: a class with its own memory behind one interface. The composer wakes it when it asked to
// be woken, shows it the moment, and gives it a player to play through.
//   Moment   what a part may read: the chord and the next, density, quiet times, who plays
//   Player   what a part may do: play, release, sleep until a time
//   random   every part draws from a stream of its own (traits().stream), so that one does not move another
//   adding   a name in AURALIS_LAYERS with its row in the layer table, and a class with make_NAME() in parts/
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "compose/event_queue.h"
#include "compose/form.h"
#include "compose/piece_state.h"
#include "compose/progression.h"
#include "compose/schedule.h"
#include "compose/sounding_notes.h"
#include "compose/theory/motif.h"
#include "model/melody_source.h"
#include "model/rng.h"

namespace auralis {

struct Moment {
  const PieceState& state;
  Layer layer;            // the part's
  const LayerPlan& plan;  // of that layer
  const PlannedChord& chord;
  const PlannedChord& next;  // its t_s is never where nothing follows
  double now_s;
  double density;   // 0 … 1
  int register_st;  // how far the arcs have moved the pitches
  double quiet_from_s;
  bool quiet;
  std::array<bool, layer_count> plays;  // which layers play now
  bool active;                          // this one does
  bool lead_rests;                      // no phrase is under way
  MelodySource* source;                 // who chooses the lead's notes; nullptr: the composer itself

  const Preset& preset() const { return state.preset; }
  double beat_s() const { return state.tempo.beat_s(); }
  double quiet_over_s() const { return state.time.quiet_over(); }
  bool has_next() const { return next.t_s != never; }

  // The tone of the chord nearest a pitch, within the layer's range.
  int chord_tone_near(int pitch) const;
  // The lowest pitch of the layer's range in a pitch class.
  int lowest(int pitch_class) const;
  int any_pitch(Rng& rng) const;
  // A tone that would ring against the next chord is let go as that begins.
  double fitting_s(int pitch, double dur_s) const;
  // Seconds that a long tone of the layer lasts: as the preset says at its own intensity, longer in thinner music.
  double note_s(Rng& rng) const;
  // Seconds until something comes again that is rarer in thin music.
  double rest_s(const Range& range, Rng& rng) const;
  // How far an onset strays.
  double humanised_s(Rng& rng) const;
};

// A phrase of the lead that others may answer: a motif and when it is over.
struct Phrase {
  Motif motif;
  double end_s;
};

class Player {
 public:
  Player(Layer layer, bool keeps_beat, size_t first_sleeper, Rng& stream, const PieceState& state,
         SoundingNotes& notes, Schedule& schedule, EventQueue& queue)
      : rng(stream),
        layer_(layer),
        keeps_beat_(keeps_beat),
        first_sleeper_(first_sleeper),
        state_(state),
        notes_(notes),
        schedule_(schedule),
        queue_(queue) {}

  Rng& rng;

  // From now on; what would sound into a silence or past the end is shortened. Stress goes from 0 to 1. Answers the
  // note's id, 0 where too little would be left of it.
  uint64_t play(int pitch, double stress, double dur_s);
  // The nearest tone of the chord, for as long as the layer's notes last; answers the seconds drawn for it.
  double strike(const Moment& moment, int near);
  void release(uint64_t id, double t_s) { notes_.release(id, t_s, queue_); }
  // All notes of the layer that last beyond a time.
  void release_all(double beyond_s, double t_s);

  // Wakes one of the part's voices at a time, now at the earliest; where there is a pulse and the part keeps the beat, near
  // the half beat nearest that time. Strays of one onset do not move the next.
  void wake(double t_s, size_t voice = 0);
  void sleep(size_t voice = 0) { schedule_.sleep(first_sleeper_ + voice); }
  double wakes_at(size_t voice = 0) const { return schedule_.wakes_at(first_sleeper_ + voice); }

 private:
  Layer layer_;
  bool keeps_beat_;
  size_t first_sleeper_;
  const PieceState& state_;
  SoundingNotes& notes_;
  Schedule& schedule_;
  EventQueue& queue_;
};

// The percussive parts draw from one stream, whoever of them is awake.
inline constexpr std::string_view percussion_stream = "percussion";

struct PartTraits {
  std::string_view stream = {};  // of random numbers; the layer's name where empty
  size_t voices = 1;             // each wakes by itself
  bool keeps_beat = false;       // its waits are counted in beats, and stretch with the tempo
  bool follows_arcs = true;      // its sound moves with the arcs; that of a short hit does not
};

class Part {
 public:
  virtual ~Part() = default;
  virtual std::unique_ptr<Part> clone() const = 0;
  virtual PartTraits traits() const { return {}; }

  // A voice wakes: plays, and says when it wakes again.
  virtual void play(size_t voice, const Moment& moment, Player& player) = 0;

  // The piece begins. Asks to be woken a moment after the layer may enter.
  virtual void begin(const Moment& moment, Player& player);
  // A chord begins now; the next is planned.
  virtual void chord_begins(const Moment&, Player&) {}
  // Everything will be silent from a time on.
  virtual void silence_planned(double /*from_s*/) {}
  // Another part has ended a phrase that asks for an answer.
  virtual void take_up(const Phrase&, const Moment&, Player&) {}

  // A listener brought the layer in: plays as soon as it can.
  virtual void enter(const Moment& moment, Player& player) { player.wake(moment.now_s); }
  // Its notes were let go at a time, by a listener.
  virtual void let_go(double /*t_s*/) {}
  // A listener changed key, mode or preset; the new chord comes in cross_s.
  virtual void cross(const Moment&, Player&, bool /*new_preset*/, double /*cross_s*/) {}
  // A listener changed the intensity: a rest that was drawn for thinner music may be cut short.
  virtual void intensity_changed(const Moment&, Player&) {}
  // A beat has grown by a factor.
  virtual void tempo_changed(double /*now_s*/, double /*factor*/) {}

  // The phrase that ended just now and asks for an answer.
  virtual std::optional<Phrase> take_phrase() { return std::nullopt; }
  // The motif it stated last, counted from 1; 0 where it has none.
  virtual int motif() const { return 0; }
  // No phrase is under way.
  virtual bool rests() const { return true; }
};

// A rest that was drawn for thinner music is cut short, where no phrase of the lead is under way.
void cut_rest(const Moment& moment, Player& player);

// Copies of a part are parts that go on from the same memory.
template <class Self>
class CopyablePart : public Part {
 public:
  std::unique_ptr<Part> clone() const override {
    return std::make_unique<Self>(static_cast<const Self&>(*this));
  }
};

}  // namespace auralis
