// SPDX-License-Identifier: MIT
// The lead's phrases: motifs that are stated, varied and remembered, played under rules that always hold.
//   range      within the layer's pitches as the arcs have moved them
//   leaps      over a fifth are rare, never over an octave, and answered by a step back
//   clashes    a long note is never a semitone from a tone of a chord it sounds with
//   colour     a note outside the mode is short, reached and left by step
// A MelodySource may choose the notes instead; the same rules say what is open to it.
#pragma once

#include <optional>
#include <vector>

#include "compose/preset/preset.h"
#include "compose/theory/chord.h"
#include "compose/theory/motif.h"
#include "compose/theory/scale.h"
#include "model/melody_source.h"
#include "model/rng.h"

namespace auralis {

inline constexpr double long_note_s = 2.0;  // from here on a note must agree with its chords

// Where and when a note is to be chosen.
struct MelodyContext {
  Scale scale;
  const Chord* chord = nullptr;
  const Chord* next = nullptr;  // the chord after, where one is planned
  double until_next_s = 1e9;
  double until_quiet_s = 1e9;  // everything is to be silent then
  double beat_s = 1.0;
  int low = 62;
  int high = 84;
  int centre = 73;  // of the layer's range, unmoved
  double intensity = 0.5;
};

class Melody {
 public:
  explicit Melody(uint64_t seed) : rng_(seed, "melody") {}

  void begin_phrase(const MelodyPlan& plan, const MelodyContext& context);
  // Forgets what is left of the phrase.
  void break_off() { phrase_.clear(); }
  bool phrase_over() const { return phrase_.empty(); }
  // The motif stated last, counted from 1 as they were invented; 0 before the first.
  int motif() const { return last_number_; }

  struct Note {
    int pitch = 60;
    double dur_s = 1.0;       // as it sounds
    double rest_beats = 0.0;  // before the next of the phrase, after `beats`
    double beats = 1.0;       // until then
    double stress = 0.5;      // 0 … 1
  };
  Note next(const MelodyPlan& plan, const MelodyContext& context, MelodySource* source);

  // What an answering voice may take up: a piece of the motif heard last.
  Motif answer();

  // The pitches the rules leave open, ascending; never empty.
  std::vector<int> open(const MelodyContext& context, bool long_note, bool leap) const;

 private:
  struct Planned {
    int index = 0;  // of the scale
    double beats = 1.0;
    double rest_beats = 0.0;
    double stress = 0.5;
  };

  Motif invent(const MelodyPlan& plan);
  int choose(const std::vector<int>& open, const MelodyPlan& plan, const MelodyContext& context, int target);
  std::optional<int> colour_tone(const MelodyPlan& plan, const MelodyContext& context, int target);
  void remember(int pitch, const MelodyContext& context);

  Rng rng_;
  std::vector<Planned> phrase_;  // what is left, the next note last
  struct Known {
    Motif motif;
    int number = 0;
  };
  std::vector<Known> memory_;
  int invented_ = 0;
  int last_number_ = 0;
  Motif last_motif_;
  Motif heard_;  // as a source plays it, in absolute steps, until it is kept as a motif
  int previous_ = -1;
  int before_ = -1;
  bool resolve_ = false;  // the last note was a colour
  double beat_ = 0.0;     // since the phrase began
  double notes_ = 0.0;    // counted with forgetting, as are those below
  double chord_notes_ = 0.0;
  double colour_notes_ = 0.0;
};

}  // namespace auralis
