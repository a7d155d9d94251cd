// SPDX-License-Identifier: MIT
// Standard MIDI Files, both ways: a piece as a file for any DAW, and files from anywhere as notes in seconds.
//   reading   types 0 and 1, running status, tempo maps, SMPTE division, sustain pedal, pitch bend with its range,
//             volume and expression (into the velocity), pan, programs; sysex and unknown metas are skipped
//   writing   type 1, 480 ticks a quarter, one named track a layer, tempo and key signature, chords as markers
//   errors    Error{bad_input, "FILE: byte N: what, expected what"}; where at least one track is sound, the broken
//             rest is left out and reported in `warnings`
//   source    MIDI 1.0 Detailed Specification 4.2; Standard MIDI Files 1.0 (RP-001); General MIDI 1
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/event.h"

namespace auralis {

struct Preset;

struct MidiNote {
  double t = 0.0;    // seconds
  double dur = 0.0;  // seconds, the sustain pedal included
  int track = 0;
  int channel = 0;  // 0 … 15; 9 is percussion
  int program = 0;  // 0 … 127, at the onset
  int key = 60;
  double pitch = 60.0;  // key and pitch bend at the onset; a bend while the note sounds does not move it
  double vel = 0.5;     // 0 … 1
  double pan = 0.0;     // −1 … 1, at the onset
};

struct MidiSong {
  struct Marker {
    double t;
    std::string text;
  };
  std::vector<MidiNote> notes;           // by onset
  std::vector<std::string> track_names;  // by track; empty where a track has none
  std::vector<Marker> markers;
  std::vector<double> bar_lines;  // onsets of the bars, by the file's tempo and metre
  double bpm = 120.0;             // of the first tempo
  std::optional<std::string> key;
  bool minor = false;
  double duration_s = 0.0;  // to the last end of track or end of a note
  std::vector<std::string> warnings;
};

bool is_midi(std::string_view bytes);

// name stands for FILE in messages.
MidiSong read_midi(std::string_view bytes, const std::string& name);

// A MIDI file as a whole stream, start to end, with the preset's sounds for the layers it uses; the end leaves time
// for the last release and the reverb.
std::vector<Event> events_from_midi(std::string_view bytes, const Preset& preset, const std::string& name);

// A whole stream, start to end, as a MIDI file. Pitches between the keys are rounded, and bent where the layer plays
// a single note; changes of the sound are left out.
std::string midi_from_events(std::span<const Event> events);

}  // namespace auralis
