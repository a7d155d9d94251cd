// SPDX-License-Identifier: MIT
// A few seconds of everything that events can ask of a renderer, and what a renderer makes of events.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <vector>

#include "model/event.h"
#include "model/layer.h"
#include "model/rng.h"
#include "synth/renderer.h"

namespace auralis::testing {

// Dense notes of every layer with releases, changes and chords, the same at each call.
inline std::vector<Event> short_piece(double seconds = 3.0) {
  std::vector<Event> events{StartEvent{.seed = "1", .preset = "test", .key = "D", .mode = "dorian"}};
  Rng rng(5);
  uint64_t id = 0;
  events.push_back(PatchEvent{0.0, "lead", builtin_patch("lead")});
  for (double t = 0.0; t < seconds; t += rng.uniform(0.0, 0.2)) {
    const auto layer = std::string(layer_names()[rng.index(layer_names().size())]);
    events.push_back(NoteEvent{t, ++id, layer, rng.uniform(36.0, 84.0), rng.uniform(), rng.uniform(0.05, 2.0),
                               rng.uniform(-1.0, 1.0)});
    if (rng.chance(0.2)) events.push_back(ReleaseEvent{t, 1 + rng.index(id)});
    if (rng.chance(0.2))
      events.push_back(ChangeEvent{t, layer, VoiceParam::cutoff_hz, rng.uniform(200.0, 5000.0), 0.5});
    if (rng.chance(0.1)) events.push_back(ChordEvent{t, "Dm", "i", {50.0, 57.0, 62.0, 65.0}});
    if (rng.chance(0.1)) events.push_back(ChangeEvent{t, "master", MasterParam::resonator_level, 0.5, 0.1});
  }
  events.push_back(EndEvent{seconds});
  return events;
}

// All that these events allow, interleaved, asked for in blocks of so many frames.
inline std::vector<float> rendered(const std::vector<Event>& events, const RenderSettings& settings,
                                   int64_t block = int64_t{1} << 30) {
  Renderer renderer(settings);
  for (const Event& event : events) renderer.push(event);
  std::vector<float> all(static_cast<size_t>(2 * renderer.ready_frames()));
  const auto frames = static_cast<int64_t>(all.size() / 2);
  for (int64_t at = 0; at < frames; at += block) {
    renderer.render(std::min(block, frames - at), all.data() + 2 * at);
  }
  return all;
}

inline double energy(const std::vector<float>& x) {
  return std::transform_reduce(x.begin(), x.end(), 0.0, std::plus<>(),
                               [](float v) { return static_cast<double>(v) * static_cast<double>(v); });
}

}  // namespace auralis::testing
