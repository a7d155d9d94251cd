// SPDX-License-Identifier: MIT
// The lead's phrases: a theme's motif is stated as it is, rhythm and all, goes on by sequence, is varied by one operation
// at a time, and comes to rest on the tonic or the fifth. Phrases come in pairs: the second is the first with another end.
// Rules that always hold:
//   range      within the layer's pitches as the arcs have moved them
//   leaps      over a fifth are rare, never over an octave, and answered by a step back
//   clashes    a long note is never a semitone from a tone of a chord it sounds with
//   colour     a note outside the mode is short, reached and left by step
// So that these serve the motif, each statement stands on the degree near its own where it suits the harmony best.
// A MelodySource may choose the notes instead. It is told what the motif has at each place: in the statement that begins a
// phrase that is all but certain, in those that follow likely, on the way to the end little more than a hint; a phrase on a
// motif of its own is the source's. The same rules say what is open to it, and a phrase's last note is one to rest on.
#pragma once

#include <optional>
#include <span>
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
  std::span<const Theme> themes{};  // of the scene
};

class Melody {
 public:
  explicit Melody(uint64_t seed) : rng_(seed, "melody") {}

  void begin_phrase(const MelodyPlan& plan, const MelodyContext& context);
  // Comes to rest within a few notes.
  void close(const MelodyPlan& plan, const MelodyContext& context);
  // Forgets what is left of the phrase.
  void break_off();
  bool phrase_over() const { return statements_.empty() && line_.empty(); }
  // The motif stated last, as its theme is numbered; 0 before the first.
  int motif() const { return theme_.number; }

  struct Note {
    int pitch = 60;
    double dur_s = 1.0;       // as it sounds
    double rest_beats = 0.0;  // before the next of the phrase, after `beats`
    double beats = 1.0;       // until then
    double stress = 0.5;      // 0 … 1
  };
  Note next(const MelodyPlan& plan, const MelodyContext& context, MelodySource* source);

  // What an answering voice may take up: how the phrase ended.
  Motif answer() const;

  // The pitches the rules leave open, ascending; never empty.
  std::vector<int> open(const MelodyContext& context, bool long_note, bool leap) const;

 private:
  // One appearance of a motif in a phrase.
  struct Statement {
    Motif motif;
    int move = 0;  // from home, in steps of the mode
    double rest_beats = 0.0;
    double stress = 0.5;
    bool ends = false;   // it closes the phrase
    bool opens = false;  // it begins it
  };
  struct Planned {
    int index = 0;  // of the scale
    double beats = 1.0;
    double rest_beats = 0.0;
    double stress = 0.5;
    bool leap = false;  // it may be reached by one
    bool goal = false;  // the phrase comes to rest on it
    int colour = -1;    // a pitch outside the mode instead
    double nats = 0.0;  // by which a source is to find it likelier
  };

  // ---- phrases (phrase.cpp)
  void choose_theme(const MelodyPlan& plan, const MelodyContext& context);
  void place(const Statement& statement, const MelodyPlan& plan, const MelodyContext& context);
  int best_start(const Statement& statement, bool leap, const MelodyPlan& plan,
                 const MelodyContext& context) const;
  double fit_cost(const Motif& motif, int start, double wanted_share, const MelodyContext& context) const;
  double joint_cost(const Motif& motif, int pitch, bool leap) const;
  void colour_line(std::vector<Planned>& line, size_t before, const MelodyPlan& plan,
                   const MelodyContext& context);
  void come_to_rest(std::vector<Planned>& line, const MelodyPlan& plan, const MelodyContext& context);
  double owed_colours(const MelodyPlan& plan) const;

  // ---- notes (melody.cpp)
  int settle(const Planned& planned, const MelodyContext& context) const;
  int ask(MelodySource& source, const MelodyPlace& place, Planned& planned, double pace,
          const MelodyPlan& plan, const MelodyContext& context) const;
  bool takes_colour(const Planned& planned) const;
  Note sounded(int pitch, const Planned& planned, const MelodyContext& context);
  void remember(int pitch, const MelodyContext& context);

  Rng rng_;
  Theme theme_;
  int phrases_ = 0;                    // of the theme so far
  std::vector<Statement> statements_;  // what is left of the phrase, the next last
  std::vector<Planned> line_;          // what is left of the statement, the next note last
  Motif heard_;                        // the phrase as it was played, in absolute steps
  int previous_ = -1;
  int before_ = -1;
  bool resolve_ = false;  // the last note was a colour
  double beat_ = 0.0;     // since the phrase began
  double notes_ = 0.0;    // counted with forgetting, as are those below
  double chord_notes_ = 0.0;
  double colour_notes_ = 0.0;
};

// The tones a phrase may come to rest on: the tonic, and the fifth where the mode has it.
bool rests_on(const Scale& scale, int pitch);

}  // namespace auralis
