// SPDX-License-Identifier: MIT
// A wave of given partials, from tables of spectra that a position moves through:
//   organ   from a stopped flute to the full chest of flues
//   bowed   a string's partials, from over the fingerboard to the bridge
//   reed    odd partials, to which the even ones come
//   sweep   a band of a few partials that wanders up the series
//   own     what the patch brings: its frames' partials, at even distances of the position
#pragma once

#include "synth/source/wave/table.h"

namespace auralis::source {

struct Wave {
  static constexpr VoiceParam level = VoiceParam::wave_level;
  struct State {
    Table::State table;
  };
};

void begin(Wave::State& state, const Frame& frame);
void sound(Wave::State& state, const Frame& frame, Level level, Mono& out);

}  // namespace auralis::source
