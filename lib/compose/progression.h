// SPDX-License-Identifier: MIT
// The harmony of a piece as it is decided: scenes that return, chords one ahead, modulations.
//   scene   a few chords, who plays, whether the bass stays: what comes back, changed in one respect
//   chord   the current one sounds; the next is known from the moment the current begins
//   chart   a harmony that was given instead, round and round; it moves with the key
//   errors  Error{bad_input} for a mode without a table
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compose/form.h"
#include "compose/piece_state.h"
#include "compose/theory/harmony.h"
#include "compose/theory/motif.h"
#include "model/rng.h"
#include "model/voices_source.h"

namespace auralis {

// A chord of a loop: where it stands in the mode, and its colour.
struct LoopChord {
  int degree = 0;
  std::vector<int> intervals;
  std::vector<int> voicing{};  // as it was heard over this tonic; empty before
  int tonic = 0;
};

bool is_dominant(const Scale& scale, int degree);
// The mode's characteristic tone where the chord has it, else any_tone.
int tone_told(const LoopChord& chord, const Scale& scale);

struct Scene {
  int number = 0;   // counted from 1, kept when the scene returns
  std::string why;  // it plays now, in words for listeners
  std::vector<int> degrees;
  std::vector<LoopChord> loop;  // that goes round; empty where the chords follow the mode's chain
  std::vector<Theme> themes;    // what the lead plays in it
  Cast cast;
  bool returns = false;        // it was heard before
  bool pedal = true;           // the bass stays on the tonic
  int shift_st = 0;            // of its voicings
  double voices = 0.5;         // of the preset's range
  const Mode* mode = nullptr;  // that it was made in
};

// One chord and its time.
struct PlannedChord {
  double t_s = 0.0;
  Scale scale;
  Chord chord;
  std::vector<int> voicing;
  Scene scene;
  bool opens_scene = false;
  bool last = false;

  // Pitch class.
  int bass() const { return scene.pedal ? scale.tonic : chord.root; }
};

class Progression {
 public:
  // `voices` leads the inner voices where it is given, and outlives the progression and its copies.
  Progression(uint64_t seed, HarmonyTables tables, std::vector<ChartChord> chart,
              VoicesSource* voices = nullptr);

  const PlannedChord& current() const { return current_; }
  const PlannedChord& next() const { return next_; }

  void begin(const PieceState& state, Form& form);

  // Decides the chord that begins at t_s.
  void plan_next(double t_s, const PieceState& state, Form& form);

  // The planned chord begins now, and the state's scale with it. Answers when it will be over, never for the last.
  double advance(PieceState& state);
  // After the last chord nothing follows.
  void plan_nothing();

  // Who plays in both scenes, after the intensity has changed.
  void recast(const PieceState& state);

  // The key that a listener chose is the home key from now on.
  void settle(const PieceState& state);
  // Another preset: no scene of the old one comes back.
  void forget(const PieceState& state);
  // A listener changed the harmony: the scene and any planned modulation are dropped.
  void leave_scene(const PieceState& state);
  // The next chord keeps who plays now.
  void keep_cast() { next_.scene.cast.plays = current_.scene.cast.plays; }

  bool modulates() const { return scale_for_next_.has_value(); }

  // The range of a chord's length: a piece too short for three of its chords hurries through three.
  static Range chord_s(const PieceState& state);

 private:
  const HarmonyTable& table(const Scale& scale, const PieceState& state) const;

  double draw_length(const PieceState& state);
  double draw_modulation(const PieceState& state);
  void modulate(const PieceState& state);
  Scale draw_key(const PieceState& state);
  std::optional<Chord> pivot_to(const Scale& to, const PieceState& state) const;

  // ---- scenes (scenes.cpp)
  Scene next_scene(double t_s, const Scale& scale, const PieceState& state, Form& form);
  static Range return_range_s(const PieceState& state);
  void promise_return(double t_s, const PieceState& state);
  std::optional<Scene> take_due(double t_s, const PieceState& state);
  int scene_length(const PieceState& state);
  Scene invent_scene(double t_s, const Scale& scale, bool with_characteristic, const PieceState& state,
                     Form& form);
  void change_one_thing(Scene& scene, double t_s, const Scale& scale, const PieceState& state, Form& form);
  bool change_chord(Scene& scene, double t_s, const Scale& scale, const PieceState& state, const Form& form);
  void draw_themes(Scene& scene, const PieceState& state);
  void avoid_bare_cadence(Scene& scene, const Scale& scale, const PieceState& state) const;

  // ---- loops (loops.cpp)
  void draw_loop(Scene& scene, int wanted, bool with_characteristic, double t_s, const Scale& scale,
                 const PieceState& state, const Form& form);
  std::vector<int> draw_loop_degrees(size_t size, bool with_characteristic, const Scale& scale,
                                     const PieceState& state);
  std::vector<int> draw_colour(const Scene& scene, size_t at, int degree, int tone, double t_s,
                               const Scale& scale, const PieceState& state, const Form& form);
  double likeness_to_promised(const Scene& scene, const Scale& scale) const;
  void tell_mode(Scene& scene, double t_s, const Scale& scale, const PieceState& state, const Form& form);
  void borrow(Scene& scene, const Scale& scale, const PieceState& state);
  static bool suspend(Scene& scene, const Scale& scale);
  // Whether there are fewer of a kind of chord so far than there should be.
  bool lacks(int heard) const;

  // ---- chords (progression.cpp)
  void choose_next_chord(bool first, const PieceState& state, const Form& form);
  bool take_loop_chord(const PieceState& state);
  bool may_follow(const Chord& chord, const Scale& scale, const PieceState& state) const;
  int wanted_tone(const Scale& scale) const;
  void count_current(const Chord& before);
  std::optional<std::vector<int>> voicing_heard() const;
  void take_chart_chord();
  int choose_degree(const PieceState& state);
  void voice_next(const PieceState& state, const Form& form);

  Rng rng_;
  Rng themes_rng_;
  HarmonyTables tables_;
  std::vector<ChartChord> chart_;
  VoicesSource* voices_;
  size_t chart_position_ = 0;
  int chart_home_ = 0;  // the key it was written in

  PlannedChord current_;
  PlannedChord next_;
  std::optional<Scale> scale_for_next_;
  std::optional<Chord> pivot_;  // that leads there
  Scale home_;
  int degree_before_ = -1;
  int scene_left_ = 0;    // chords
  int plain_scenes_ = 0;  // in a row without the mode's characteristic chord
  int plain_chords_ = 0;  // in a row without its characteristic tone
  int heard_ = 0;         // chords so far; of them
  int borrowed_ = 0;
  int suspended_ = 0;
  double modulate_at_s_ = never;
  size_t loop_at_ = 0;  // the place of the last chord in its loop
  struct Promised {
    Scene scene;
    double due_s;
    double latest_s;
  };
  std::vector<Promised> promised_;  // what comes back, and when
  Scene playing_;                   // as it was invented
  std::optional<Scene> opening_;    // until it came back
  double opening_heard_s_ = 0.0;    // until then
  double harmony_heard_s_ = never;  // when the pads fell silent that do
  bool closing_ = false;            // the last scene plays
  int scenes_ = 0;                  // invented so far
  int themes_ = 0;                  // likewise
};

}  // namespace auralis
