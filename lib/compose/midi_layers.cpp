// SPDX-License-Identifier: MIT
#include "compose/midi_layers.h"

#include <algorithm>
#include <string_view>

#include "compose/midi_file.h"
#include "core/patch.h"

namespace auralis {
namespace {

// By General MIDI family: eight programs each.
std::string_view family_layer(int program) {
  constexpr std::string_view families[] = {"lead",    "bells", "pad",   "lead",   "drone", "pad",
                                           "pad",     "lead",  "lead",  "lead",   "lead",  "pad",
                                           "texture", "lead",  "bells", "texture"};
  if (program >= 115 && program <= 118) return "low";  // woodblock, taiko, tom, synth drum
  if (program == 119) return "swell";                  // reverse cymbal
  return families[program / 8];
}

// By General MIDI drum: deep ones are low hits, what rings is a bell, long cymbals swell, the rest is brushed.
std::string_view drum_layer(int key) {
  const auto is = [key](std::initializer_list<int> keys) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  if (is({35, 36, 41, 43, 45, 47, 48, 50, 60, 61, 63, 64, 65, 66})) return "low";
  if (is({51, 53, 56, 59, 67, 68, 80, 81, 83, 84})) return "bells";
  if (is({49, 52, 55, 57})) return "swell";
  return "brush";
}

}  // namespace

std::string MidiLayers::layer_of(const MidiNote& note, const std::string& track_name) const {
  if (const auto found = channels.find(note.channel + 1); found != channels.end()) return found->second;
  if (std::find(layer_names.begin(), layer_names.end(), track_name) != layer_names.end()) return track_name;
  if (note.channel == 9) return std::string(drum_layer(note.key));
  if (const auto found = programs.find(note.program + 1); found != programs.end()) return found->second;
  return std::string(family_layer(note.program));
}

}  // namespace auralis
