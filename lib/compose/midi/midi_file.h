// SPDX-License-Identifier: MIT
// Standard MIDI Files, both ways: a piece as a file for any DAW, and files from anywhere as notes in seconds and what
// moves their channels while they sound.
//   reading   types 0, 1 and 2 (its patterns one after the other, each at its own tempo or that of the one before), bare, as
//             .rmi, behind a MacBinary head or sent as a text; running status, tempo maps, SMPTE division, ports; what is
//             broken is read as an ordinary player would: see midi_track.h
//   writing   type 1, 480 ticks a quarter, one named track a layer, tempo and key signature, chords as markers
//   errors    Error{bad_input, "FILE: byte N: what, expected what"} where there is nothing to play, or more than
//             midi_limits.h allows; all other faults are one of `warnings`
//   source    MIDI 1.0 Detailed Specification 4.2; Standard MIDI Files 1.0 (RP-001); Response to Reset All Controllers
//             (RP-015); General MIDI 1 and 2
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/event.h"

namespace auralis {

struct Preset;

inline constexpr int midi_channels = 16;  // of a port
inline constexpr int percussion_channel = 9;

struct MidiNote {
  double t = 0.0;    // seconds
  double dur = 0.0;  // seconds, pedals included
  int track = 0;
  int channel = 0;          // 0 … 15
  bool percussion = false;  // of a drum part: channel 9, or one that the file makes one
  int port = 0;
  int program = 0;  // 0 … 127, at the onset
  int key = 60;
  double pitch = 60.0;      // key, bend and tuning at the onset
  double vel = 0.5;         // 0 … 1
  double key_st = 0.0;      // how far a tuning has the key above itself, at the onset
  double key_end_st = 0.0;  // and at the end

  int part() const { return port * midi_channels + channel; }
};

// What a channel does to all its notes from a time on.
struct MidiMove {
  enum class Kind {
    level_db,       // of volume, expression and master volume; 0 with a volume of 100, silence_db is silence
    pan,            // −1 … 1
    tune_st,        // bend and tuning; never of percussion
    vibrato_cents,  // of the modulation wheel
    silence,        // whatever sounds is cut
  };
  double t = 0.0;
  int part = 0;  // MidiNote::part()
  Kind kind = Kind::level_db;
  double value = 0.0;
};

// A tuning has the key of a sounding note elsewhere from now on.
struct MidiRetuning {
  double t = 0.0;
  size_t note = 0;
  double key_st = 0.0;
};

struct MidiSong {
  struct Marker {
    double t;
    std::string text;
  };
  std::vector<MidiNote> notes;           // by onset
  std::vector<MidiMove> moves;           // by time; at first all are 0
  std::vector<MidiRetuning> retunings;   // by time
  std::vector<std::string> track_names;  // by track; empty where a track has none
  std::vector<Marker> markers;
  std::vector<double> bar_lines;  // onsets of the bars, by the file's tempo and metre
  double bpm = 120.0;             // of the first tempo
  std::optional<std::string> key;
  bool minor = false;
  double duration_s = 0.0;  // to the end of track, or a little behind the last note where that is long before
  std::vector<std::string> warnings;
};

bool is_midi(std::string_view bytes);

// name stands for FILE in messages.
MidiSong read_midi(std::string_view bytes, const std::string& name);

// A MIDI file as a whole stream, start to end, with the preset's sounds for the layers it uses: a layer for each channel
// and each layer of the preset that it plays. The end leaves time for the last release and the reverb.
std::vector<Event> events_from_midi(std::string_view bytes, const Preset& preset, const std::string& name);

// How a file tells that keys do not sound where equal temperament has them.
//   standard   notes are keys, and the tuning is told as in midi_tuning.h; other pitches between the keys are rounded, and
//              bent where the layer plays a single note
//   bends      every pitch is the nearest key and a bend of its channel, at most two semitones: a layer has a track, with a
//              channel of its own, for each bend that sounds at once
enum class MidiTuning { standard, bends };

// A whole stream, start to end, as a MIDI file. Of changes of the sound only levels are kept.
std::string midi_from_events(std::span<const Event> events, MidiTuning tuning = MidiTuning::standard);

}  // namespace auralis
