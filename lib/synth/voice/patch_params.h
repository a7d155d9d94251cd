// SPDX-License-Identifier: MIT
// From the units people set to those the voice computes in; the same numbers on every machine.
#pragma once

#include "core/patch.h"
#include "synth/voice/state.h"

namespace auralis::voice {

struct PatchLevels {
  float rows[level_rows];
  bool modulated;
};

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
PatchLevels levels_of(const Patch& patch);

// The rows that depend on the note as well: velocity, key tracking, position.
void add_note(PatchParams& params, const Patch& patch, const Note& note);

// A voice that begins; name is its layer's, for chance that differs between layers.
LaneControl begin_voice(const Note& note, std::string_view name, const Patch& patch, int rate);

// A stolen voice falls by 60 dB in 50 ms.
void fade_stolen(PatchParams& params, int rate);

// Near Nyquist only the fundamental fits: the shapes' partials give way to it, and it to silence above 0.45·rate.
void keep_below_nyquist(float (&rows)[level_rows][group_lanes], int lane, int first, double increment);

double gain_of_db(double db);

}  // namespace auralis::voice
