// SPDX-License-Identifier: MIT
// All that a renderer remembers from chunk to chunk, copied by value.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "synth/fifo.h"
#include "synth/fx/effects.h"
#include "synth/fx/limiter/limiter.h"
#include "synth/planner.h"
#include "synth/renderer.h"

namespace auralis {

// With stems, what one layer alone leaves behind.
struct Stem {
  Stem(int rate, Isa isa) : effects(rate, isa) {}

  Effects effects;
  Fifo made;
  std::vector<float> handed;  // the frames last asked for
};

struct RendererState {
  explicit RendererState(const RenderSettings& settings)
      : planner(settings.rate, settings.max_voices, settings.isa, settings.first_frame / quantum_frames),
        control(settings.rate),
        effects(settings.rate, settings.isa),
        finish(settings.rate, settings.isa),
        limiter(settings.rate, settings.isa),
        handed(planner.first() * quantum_frames) {}

  Planner planner;
  EffectsControl control;
  Effects effects;
  Finish finish;
  Limiter limiter;
  std::deque<Stem> stems;  // by layer, where the next chunk is planned; they stay where they are

  // As of the chunk that was last made:
  Fifo made;
  std::vector<std::string> layers;
  int voices = 0;
  int peak_voices = 0;
  uint64_t voices_stolen = 0;
  uint64_t voices_shed = 0;

  int64_t promised = 0;    // frames
  int64_t end_frame = -1;  // unknown
  int64_t handed;          // frames, those before the first among them
  uint64_t events = 0;
  uint64_t late_events = 0;
};

}  // namespace auralis
