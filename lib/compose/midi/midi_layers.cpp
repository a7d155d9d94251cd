// SPDX-License-Identifier: MIT
#include "compose/midi/midi_layers.h"

#include "compose/midi/midi_file.h"
#include "model/layer.h"

namespace auralis {
std::string MidiLayers::layer_of(const MidiNote& note, const std::string& track_name) const {
  if (const auto found = channels.find(note.channel + 1); found != channels.end()) return found->second;
  if (find_layer(track_name)) return track_name;
  if (note.percussion) return std::string(name_of(layer_of_drum(note.key)));
  if (const auto found = programs.find(note.program + 1); found != programs.end()) return found->second;
  return std::string(name_of(layer_of_program(note.program)));
}

}  // namespace auralis
