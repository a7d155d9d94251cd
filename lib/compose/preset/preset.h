// SPDX-License-Identifier: MIT
// A preset: everything that makes a piece sound like itself, as values. See auralis-preset.5.
//   fields   one table, preset_fields() and layer_fields(), is what is read, shown, checked and documented
//   forms    YAML for people (preset_yaml.h), found by name (preset_files.h); JSON for programs (preset_json.h)
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compose/day/day.h"
#include "compose/midi/midi_layers.h"
#include "compose/theory/harmony.h"
#include "model/layer.h"
#include "model/patch.h"
#include "model/range.h"
#include "model/tuning.h"

namespace auralis {

struct HarmonyPlan {
  Range chord_s{30, 75};      // seconds a chord
  Range scene_chords{2, 4};   // different chords a scene
  Range scene_length{4, 8};   // chords until the next scene
  double returns = 0.6;       // chance that a scene comes back, changed
  double loops = 0.85;        // share of scenes whose chords go round
  double pedal = 0.6;         // share of scenes over the tonic as a pedal
  double modulate_min = 0.0;  // minutes between modulations; 0 never
  ColourWeights colours{1, 2, 2, 2, 1, 1, 1, 1};
  std::optional<HarmonyTable> table;  // instead of the installed one, for this preset's mode

  bool operator==(const HarmonyPlan&) const = default;
};

struct FormPlan {
  Range arc_s{120, 600};        // periods of the arcs
  double density = 0.5;         // how far density swings, 0 … 1
  double brightness_oct = 0.8;  // how far the cutoffs swing, either way
  double register_st = 4.0;     // how far the register swings, either way
  double space_db = 3.0;        // how far the effects' returns swing, either way
  double layers = 4.0;          // most layers at once
  double silence = 0.3;         // chance of a silence at the end of a scene
  Range silence_s{5, 10};
  Range return_min{20, 60};       // minutes until a scene comes back
  double rise_s = 25.0;           // over which an introduction comes up
  std::string signature = "pad";  // the layer it is known by: in every scene, and within the first minute
  double breath = 0.4;            // chance that a layer leaves, or comes back, with a chord
  double loudness_db = 6.0;       // that intensity adds from 0 to 1, taken back from the mix
  double course_s = 30.0;         // seconds over which the layers of a beginning enter
  double wave_min = 0.0;          // minutes from crest to crest of a wave that carries the arcs; 0 none
  double sink_min = 0.0;          // minutes over which the arcs sink, and stay low; 0 never

  bool operator==(const FormPlan&) const = default;
};

struct PadPlan {
  Range voices{3, 4};
  Range gap_st{3, 9};      // between neighbouring voices
  double overlap_s = 3.0;  // of the chord that goes with the one that comes
  double stagger_s = 1.5;  // spread of the voices' entries
  double rest = 0.1;       // chance that a voice rests between two notes

  bool operator==(const PadPlan&) const = default;
};

struct DronePlan {
  double fifth = 0.4;  // chance that a fifth sounds with it
  double overlap_s = 6.0;

  bool operator==(const DronePlan&) const = default;
};

struct PercussionPlan {
  Range low_bars{4, 8};  // between low hits; the shorter the higher the intensity
  double swells = 0.35;  // chance that a swell leads into a chord
  Range swell_s{4, 8};
  Range brush_pulses{2, 5};  // onsets in a cycle of brushes
  Range brush_slots{7, 13};  // half beats in that cycle
  bool pulse = false;        // all that keeps the beat keeps one clock

  bool operator==(const PercussionPlan&) const = default;
};

struct MelodyPlan {
  Range phrase_notes{8, 16};
  Range rest_s{10, 35};  // between phrases
  Range note_beats{1, 4};
  double chord_tones = 0.7;    // share
  double colour_tones = 0.05;  // share
  double leap = 0.03;          // share of intervals over a fifth
  double recall = 0.9;         // chance that a phrase takes up a motif of its scene
  double answer = 0.4;         // chance that the bells answer a phrase
  double humanise_ms = 90.0;

  bool operator==(const MelodyPlan&) const = default;
};

// What the tests hold the preset to: four of an hour that are its own, and the goals of all music here, over eight hours
// and many seeds, by the names that auralis-stats score gives them (scripts/music-report). A preset may narrow these.
struct Expectation {
  Range notes_per_min{2, 40};
  Range silence{0.0, 0.15};      // share of the time without a sounding note
  Range entropy_bits{2.0, 3.3};  // of pitch classes
  Range voices{0, 24};           // sounding at once
  Range lead_figures_ratio{1.4, 100};
  Range lead_figures_with_rhythm{0.05, 1};
  Range lead_ends_ratio{2, 100};
  Range lead_interval_mean_st{0, 2.6};
  Range lead_turns_share{0, 0.5};
  Range bells_answers_ratio{1.5, 1000};
  Range scenes_on_a_loop{0.4, 1};
  Range returns_after_min{20, 60};
  Range returns_found{0.9, 1};
  Range returns_found_shuffled{0, 0.1};
  Range structureness_ratio{1.5, 100};
  Range signature_first_s{0, 60};
  Range signature_away_min{0, 12};
  Range last_tone_before_end_s{0, 2};
  Range pulse_concentration{0, 1};
  Range pulse_between_layers{-1, 1};
  Range characteristic_tone_share{0.35, 1};
  Range characteristic_tone_away_min{0, 6};
  Range modulation_common_tone_share{0.5, 1};
  Range borrowed_chord_share{0.02, 0.05};
  Range resolved_suspension_share{0.02, 0.05};

  bool operator==(const Expectation&) const = default;
};

struct Preset {
  std::string name;  // the file's name without .yaml
  std::string title = "Untitled";
  std::string description;
  std::string group = "Own";  // that lists of presets show it under
  std::string key = "D";
  std::string mode = "dorian";
  double bpm = 60.0;
  double intensity = 0.5;
  std::string tuning;    // by name or as a file, empty: equal temperament, or what the whole station has
  std::string keyboard;  // a file that maps it
  double reference_hz = standard_hz;
  double target_lufs = -16.0;
  HarmonyPlan harmony;
  FormPlan form;
  PadPlan pad;
  DronePlan drone;
  MelodyPlan melody;
  PercussionPlan percussion;
  Expectation expect;
  std::array<LayerPlan, layer_count> layers;
  MasterPatch master = default_master_patch();
  MidiLayers midi;              // for MIDI files that are played with this preset
  std::optional<Tuning> scale;  // what tuning and keyboard name
  Day day;                      // of a piece that begins with it

  Preset();
  const LayerPlan& layer(Layer which) const { return layers[static_cast<size_t>(which)]; }
  LayerPlan& layer(Layer which) { return layers[static_cast<size_t>(which)]; }
  bool operator==(const Preset&) const = default;
};

// One setting of T: where it stands in the file, what may stand there, what it means.
template <typename T>
struct Field {
  using Access = std::variant<double& (*)(T&), Range& (*)(T&), bool& (*)(T&), std::string& (*)(T&)>;
  std::string_view path;  // "harmony.chord_s"
  std::string_view unit;
  double min = 0.0;  // of numbers; of texts the shortest length
  double max = 0.0;  // of texts the longest length
  Access access;
  std::string_view meaning;
};
std::span<const Field<Preset>> preset_fields();
std::span<const Field<LayerPlan>> layer_fields();  // under layers.NAME

// What is wrong with a preset that no single field shows: a key or mode that is not known, pads without room.
struct PresetFault {
  std::string field;
  std::string message;
};
std::optional<PresetFault> preset_fault(const Preset& preset);

}  // namespace auralis
