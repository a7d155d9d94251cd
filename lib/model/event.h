// SPDX-License-Identifier: MIT
// The events that carry a piece from composer to synthesizer; on the wire see event_stream.h and auralis-events(5).
//   t   seconds from the start of the piece, never decreasing along a stream
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "model/control.h"
#include "model/layer.h"
#include "model/modulation.h"
#include "model/patch.h"
#include "model/spectra.h"

namespace auralis {

inline constexpr int event_format_version = 1;

// First line, exactly once. A stream need not say any of this: texts are empty then.
struct StartEvent {
  std::string seed;
  std::string preset;
  std::string key;
  std::string mode;
  std::optional<double> bpm{};
  std::optional<double> intensity{};
  std::string version = AURALIS_VERSION;
  std::string tuning{};                  // by which the notes' pitches come from their keys
  std::optional<double> reference_hz{};  // A's
};

inline constexpr uint64_t largest_note_id = uint64_t{1} << 53;  // exact in every JSON reader

// The whole sound of a layer, or of the master. What sounds moves to it over glide seconds, or in a moment where that is 0.
struct PatchEvent {
  double t = 0.0;
  std::string layer;  // master_layer for the master parameters
  std::variant<Patch, MasterPatch> params;
  Modulation modulation{};  // of a layer: its routes, none of them from an arc
  double glide = 0.0;
  Spectra wave{};  // of a layer: its own, if any
};

struct NoteEvent {
  double t = 0.0;
  uint64_t id = 0;  // above largest_note_id: the stream gave none, so nothing can release the note
  std::string layer{name_of(Layer::pad)};
  double pitch = 60.0;  // MIDI number, may be fractional
  double vel = 0.7;     // 0 … 1
  double dur = 1.0;     // seconds until release
  double pan = 0.0;     // −1 … 1
  // Of the keyboard, where a tuning has made the pitch of it: what the note is in a score.
  std::optional<int> key{};
};

// The pitch of a sounding note moves to another over glide seconds; unknown and finished ids are no error.
struct BendEvent {
  double t = 0.0;
  uint64_t id = 0;
  double pitch = 60.0;
  double glide = 0.0;
};

// Ends a sounding note before its dur; unknown and finished ids are no error.
struct ReleaseEvent {
  double t = 0.0;
  uint64_t id = 0;
  bool cut = false;  // within 50 ms, in place of the sound's own release, and out of it where that has begun
};

// A parameter moves to value over glide seconds.
struct ChangeEvent {
  double t = 0.0;
  std::string layer;
  std::variant<VoiceParam, MasterParam> param;
  double value = 0.0;
  double glide = 0.0;
};

// Annotation: the harmony from here on.
struct ChordEvent {
  double t = 0.0;
  std::string name;
  std::string degree;
  std::vector<double> pitches;
  std::string key{};  // what the degree is counted in; empty where the writer did not say
  std::string mode{};
  int scene = 0;      // counted from 1, the same where it returns; 0 where the writer did not say
  int motif = 0;      // that the lead stated last; 0 before the first
  std::string why{};  // this scene plays, in words; of its first chord alone
};

// Annotation: a listener's control took effect.
struct ControlEvent {
  double t = 0.0;
  Control applied;
};

// Nothing earlier than t will follow: sound may be made up to t.
struct AdvanceEvent {
  double t = 0.0;
};

// Last line; the piece is exactly t seconds long.
struct EndEvent {
  double t = 0.0;
};

using Event = std::variant<StartEvent, PatchEvent, NoteEvent, BendEvent, ReleaseEvent, ChangeEvent,
                           ChordEvent, ControlEvent, AdvanceEvent, EndEvent>;

// The event's t; 0 for start.
double event_time(const Event& event);

}  // namespace auralis
