// SPDX-License-Identifier: MIT
// A composed piece, taken apart for measuring.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compose/composer.h"
#include "compose/preset/harmony_tables.h"
#include "compose/preset/preset_files.h"
#include "compose/score/score.h"
#include "model/event_stream.h"

namespace auralis {

// As auralis-compose fills them in: installed tables, presets by name.
inline ComposeSettings installed_settings(uint64_t seed = 0) {
  ComposeSettings settings;
  settings.seed = seed;
  settings.harmony = installed_harmony_tables();
  settings.find_preset = load_preset;
  return settings;
}

inline std::vector<Event> compose(const Preset& preset, uint64_t seed, double duration_s,
                                  Control initial = {}) {
  ComposeSettings settings = installed_settings(seed);
  settings.duration_s = duration_s;
  settings.initial = std::move(initial);
  Composer composer(preset, settings);
  std::vector<Event> events;
  composer.compose_until(1e12, events);
  return events;
}

inline std::string lines(const std::vector<Event>& events) {
  std::string text;
  for (const Event& event : events) text += to_line(event);
  return text;
}

template <typename T>
std::vector<T> all_of(const std::vector<Event>& events) {
  std::vector<T> found;
  for (const Event& event : events) {
    if (const T* e = std::get_if<T>(&event)) found.push_back(*e);
  }
  return found;
}

inline std::vector<SoundedNote> notes_of(const std::vector<Event>& events, std::string_view layer) {
  std::vector<SoundedNote> notes = sounded_notes(events);
  std::erase_if(notes, [&](const SoundedNote& note) { return note.layer != layer; });
  return notes;
}

inline std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const PresetInfo& info : list_presets()) names.push_back(info.name);
  return names;
}

}  // namespace auralis
