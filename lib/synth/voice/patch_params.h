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
PatchEnvelopes envelopes_of(const Patch& patch, int rate);
bool same_envelopes(const Patch& a, const Patch& b);

// Some of a voice's rows.
struct RowSet {
  uint64_t params = 0;     // a bit for each of PatchParams
  uint32_t levels = 0;     // and of PatchLevels
  bool modulated = false;  // whether there is phase modulation

  RowSet& operator|=(const RowSet& other) {
    params |= other.params;
    levels |= other.levels;
    modulated |= other.modulated;
    return *this;
  }
  bool acts_on_levels() const { return levels != 0 || modulated; }
};
inline constexpr int param_rows = sizeof(PatchParams) / sizeof(double);
inline constexpr RowSet all_rows{(uint64_t{1} << param_rows) - 1, (1u << level_rows) - 1, true};

// Rows in which two differ.
uint64_t different_rows(const PatchParams& a, const PatchParams& b);

// A layer's patch, as its voices take it.
struct PatchRows {
  Patch patch{};
  PatchEnvelopes envelopes{};
  PatchParams params{};
  PatchLevels levels{};
  PatchTouch touch{};
  PatchUnison unison{};

  // Another patch; what of the voices' rows that changes. Their unison is compared by itself, where it is drawn.
  RowSet move(const Patch& to, int rate);

 private:
  bool known_ = false;
};

// Cycles per frame of a MIDI number.
double increment_of(double pitch, int rate);

// A voice that begins; name is its layer's, for chance that differs between layers.
LaneControl begin_voice(const Note& note, std::string_view name, const Patch& patch, int rate);

// A stolen voice falls by 60 dB in 50 ms, or as its own release would where that is faster.
void fade_stolen(PatchParams& params, int rate);

}  // namespace auralis::voice
