// SPDX-License-Identifier: MIT
// The composer: a preset and a seed become a piece, event by event, as far ahead as it is asked for.
//   time       seconds from the start, in whole microseconds as on the wire
//   order      events come in order; the same calls give the same events, whatever the steps of compose_until
//   controls   a control is part of the piece: the same controls at the same times give the same events
//   values     preset, tables of harmony and chart arrive read: no file is touched. The composer is a value, too: a
//              copy goes on with the same events, unless both ask the same MelodySource or VoicesSource
//   errors     ControlError for a preset or layer that is not known; Error{bad_input} where a mode has no table
// Inside it is a schedule of what wakes by itself (form, tempo, harmony, the parts) and the owners of what these share.
// Whatever wakes plays from now on and says when it wakes again, so what was given out never changes.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compose/event_queue.h"
#include "compose/form.h"
#include "compose/intonation.h"
#include "compose/parts/ensemble.h"
#include "compose/piece_state.h"
#include "compose/preset/preset.h"
#include "compose/progression.h"
#include "compose/schedule.h"
#include "compose/sounding_notes.h"
#include "compose/sounds.h"
#include "model/control.h"
#include "model/event.h"
#include "model/melody_source.h"
#include "model/voices_source.h"

namespace auralis {

enum class MelodyKind { constraint, transformer, none };
inline constexpr std::array<std::string_view, 3> melody_names{"constraint", "transformer", "none"};

struct ComposeSettings {
  uint64_t seed = 0;
  std::optional<double> duration_s;  // endless without
  std::optional<double> cut_s;       // ends the piece there at the latest, unchanged until a short fade
  Control initial;  // what differs from the preset from the start: key, mode, bpm, intensity, layers
  MelodyKind melody = MelodyKind::constraint;
  // Asked for every note of the lead where melody is transformer; outlives the composer.
  MelodySource* source = nullptr;
  // Asked for the inner voices of every chord where melody is transformer; outlives the composer.
  VoicesSource* voices = nullptr;
  std::vector<ChartChord> chart;  // where not empty this is the harmony, round and round; moves with the key
  HarmonyTables harmony;          // one for each mode
  std::optional<Tuning> tuning;   // in place of the preset's, and of presets that have none
  // What the control `preset` names, whole; Error says why not. Without it no preset is known.
  std::function<Preset(const std::string& name)> find_preset;
  // What the control `tuning` names beside the built-in ones and those of the piece.
  std::function<Tuning(const std::string& name)> find_tuning;
};

class Composer {
 public:
  Composer(const Preset& preset, const ComposeSettings& settings);

  // Appends every event with t < t_s, in order: start and patches first, end last.
  void compose_until(double t_s, std::vector<Event>& out);

  // True once `end` was given out.
  bool ended() const { return ended_; }

  // Composes until t_s, then lets the control take effect there; t_s is at or after everything composed.
  // Answers the fields as they were applied. Refused whole, by ControlError, before anything changes.
  Control apply(const Control& control, double t_s, std::vector<Event>& out);

  // The piece comes to its end from t_s on; answers when it will be over: never later than it would have been.
  double finish(double t_s, std::vector<Event>& out, Ending ending = Ending::musical);

  struct State {
    Control controls;           // all of them, where they stand
    std::string chord;          // empty before the first
    int scene = 0;              // counted from 1; one that returns keeps its number
    int motif = 0;              // that the lead stated last, counted from 1
    std::string why;            // this scene plays now
    double next_chord_s = 0.0;  // when, on the piece's clock
  };
  State state() const;

 private:
  // ---- waking (composer.cpp)
  void begin();
  void wake(size_t sleeper);
  void move_sounds();
  void step_tempo();
  void change_chord();
  void plan_silence();
  void give_out(double until_s, bool inclusive, std::vector<Event>& out);

  // ---- parts
  std::array<bool, layer_count> playing() const;
  bool plays(Layer layer) const;
  Moment moment_of(const Ensemble::Member& member) const;
  Player player_of(const Ensemble::Member& member);
  void each_part(const std::function<void(Part&, const Moment&, Player&)>& visit);
  void enter(Layer layer);
  void release_layer(Layer layer, double t_s);

  // ---- the end
  void plan_cut();
  void plan_end(double end_s);

  // ---- controls (composer_controls.cpp)
  static void check_layers(const Control& control);
  Preset find_preset(const std::string& name, const std::string& field) const;
  std::optional<Preset> chosen_preset(const Control& control);
  std::optional<Tuning> find_tuning(const Control& control) const;
  void take_preset(const Preset& preset);
  void take_mix(const Preset& mixed, bool same_harmony);
  void take_musical_fields(const Control& control);
  void set_switch(Layer layer, const LayerControl& control);
  void change_tempo();
  void change_forces(const std::array<bool, layer_count>& played, double glide_s);
  void change_layer(Layer layer, const LayerControl& control);
  void morph_sounds(double glide_s);
  void cross_harmony(bool new_preset, bool new_cast);
  void move_all_sounds(double glide_s);

  ComposeSettings settings_;
  PieceState state_;
  std::vector<Preset> mixed_;  // presets of the last mix, which is often moved
  Form form_;
  Progression progression_;
  Sounds sounds_;
  SoundingNotes notes_;
  EventQueue queue_;
  Intonation intonation_{equal_temperament(), standard_hz};
  // Everything that wakes by itself. Of two that wake together the one added first goes first.
  Schedule schedule_;
  size_t form_sleeper_ = schedule_.add(1);
  size_t tempo_sleeper_ = schedule_.add(1);
  size_t chord_sleeper_ = schedule_.add(1);
  Ensemble ensemble_;
  bool ended_ = false;
};

}  // namespace auralis
