// SPDX-License-Identifier: MIT
// The composer: a preset and a seed become a piece, event by event, as far ahead as it is asked for.
//   time       seconds from the start, in whole microseconds as on the wire
//   order      events come in order; the same calls give the same events, whatever the steps of compose_until
//   controls   a control is part of the piece: the same controls at the same times give the same events
//   values     preset, tables of harmony and chart arrive read: no file is touched
//   errors     ControlError for a preset or layer that is not known; Error{bad_input} where a mode has no table
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compose/preset/preset.h"
#include "compose/theory/harmony.h"
#include "model/control.h"
#include "model/event.h"
#include "model/melody_source.h"

namespace auralis {

enum class MelodyKind { constraint, transformer, none };
inline constexpr std::array<std::string_view, 3> melody_names{"constraint", "transformer", "none"};

struct ComposeSettings {
  uint64_t seed = 0;
  std::optional<double> duration_s;  // endless without
  Control initial;  // what differs from the preset from the start: key, mode, bpm, intensity, layers
  MelodyKind melody = MelodyKind::constraint;
  MelodySource* source =
      nullptr;  // asked for every note of the lead where melody is transformer; outlives the composer
  std::vector<ChartChord> chart;  // where not empty this is the harmony, round and round; moves with the key
  HarmonyTables harmony;          // one for each mode
  // What the control `preset` names, whole; Error says why not. Without it no preset is known.
  std::function<Preset(const std::string& name)> find_preset;
};

class Composer {
 public:
  Composer(const Preset& preset, const ComposeSettings& settings);
  ~Composer();
  Composer(Composer&&) noexcept;
  Composer& operator=(Composer&&) noexcept;

  // Appends every event with t < t_s, in order: start and patches first, end last.
  void compose_until(double t_s, std::vector<Event>& out);

  // True once `end` was given out.
  bool ended() const;

  // Composes until t_s, then lets the control take effect there; t_s is at or after everything composed.
  // Answers the fields as they were applied. Refused whole, by ControlError, before anything changes.
  Control apply(const Control& control, double t_s, std::vector<Event>& out);

  // The piece comes to a musical end from t_s on; answers when it will be over. Sooner than a duration, never
  // later.
  double finish(double t_s, std::vector<Event>& out);

  struct State {
    std::string key;
    std::string mode;
    double bpm = 0.0;
    double intensity = 0.0;
    std::string preset;
    std::string chord;                             // empty before the first
    double next_chord_s = 0.0;                     // when, on the piece's clock
    std::array<LayerControl, layer_count> layers;  // whether each may play, and its fader
  };
  State state() const;

 private:
  class Piece;
  std::unique_ptr<Piece> piece_;
};

}  // namespace auralis
