// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>

#include "base/log.h"
#include "compose/midi/midi_file.h"
#include "compose/preset/preset.h"
#include "model/layer.h"

namespace auralis {
namespace {

// Into the range a stream can state, by octaves of tempo, so that beats stay beats.
double stream_bpm(double bpm) {
  while (bpm > 120.0) bpm /= 2.0;
  while (bpm < 30.0) bpm *= 2.0;
  return bpm;
}

double whole_us(double t) { return std::round(t * 1e6) / 1e6; }

}  // namespace

std::vector<Event> events_from_midi(std::string_view bytes, const Preset& preset, const std::string& name) {
  const MidiSong song = read_midi(bytes, name);
  for (const std::string& warning : song.warnings) log_warning(warning);

  StartEvent start;
  start.seed = "0";
  start.preset = preset.name;
  start.key = song.key.value_or(preset.key);
  start.mode = !song.key ? preset.mode : song.minor ? "aeolian" : "ionian";
  start.bpm = stream_bpm(song.bpm);
  start.intensity = preset.intensity;

  std::vector<Event> notes;
  std::array<bool, layer_count> used{};
  double last_sound_s = 0.0;
  for (const MidiNote& note : song.notes) {
    const std::string layer = preset.midi.layer_of(note, song.track_names[static_cast<size_t>(note.track)]);
    double release_s = 0.0;
    if (const std::optional<Layer> known = find_layer(layer)) {
      used[static_cast<size_t>(*known)] = true;
      release_s = static_cast<double>(preset.layer(*known).sound[VoiceParam::release_s]);
    }
    last_sound_s = std::max(last_sound_s, note.t + note.dur + release_s);
    notes.push_back(
        NoteEvent{whole_us(note.t), notes.size() + 1, layer, note.pitch, note.vel, note.dur, note.pan});
  }

  std::vector<Event> events{start, PatchEvent{0.0, std::string(master_layer), preset.master}};
  for (size_t i = 0; i < layer_count; ++i) {
    if (used[i]) events.push_back(PatchEvent{0.0, std::string(layer_names()[i]), preset.layers[i].sound});
  }
  const double reverb_s = static_cast<double>(preset.master[MasterParam::reverb_time_s]);
  events.insert(events.end(), notes.begin(), notes.end());
  events.push_back(EndEvent{whole_us(std::max(song.duration_s, last_sound_s + reverb_s))});
  return events;
}

}  // namespace auralis
