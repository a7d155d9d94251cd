// SPDX-License-Identifier: MIT
// From the units people set to those the voice computes in; the same numbers on every machine.
#pragma once

#include "model/patch.h"
#include "synth/voice/state.h"

namespace auralis::voice {

struct Note {
  uint64_t id = 0;
  int layer = 0;
  double pitch = 60.0;
  double vel = 0.5;
  double pan = 0.0;
  int onset = 0;       // frame within its first quantum
  int64_t frames = 1;  // from onset to release
};

PatchParams params_of(const Patch& patch, int rate);

// Cycles per frame of a MIDI number.
double increment_of(double pitch, int rate);

// A voice that begins; name is its layer's, for chance that differs between layers.
LaneControl begin_voice(const Note& note, std::string_view name, const Patch& patch, int rate);

// A stolen voice falls by 60 dB in 50 ms, or as its own release would where that is faster.
void fade_stolen(PatchParams& params, int rate);

}  // namespace auralis::voice
