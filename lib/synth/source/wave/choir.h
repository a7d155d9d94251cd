// SPDX-License-Identifier: MIT
// A choir of four: a voice's partials as a throat of five formants lets them through, which the vowel moves.
//   source   formants of an alto: Csound manual, Formant values, after Rodet, Potard & Barrière, The CHANT project, CMJ 8,
//            1984; wider here by half, since four throats are never alike
#pragma once

#include "synth/source/wave/table.h"

namespace auralis::source {

struct Choir {
  static constexpr VoiceParam level = VoiceParam::choir_level;
  struct State {
    Table::State table;
  };
};

void begin(Choir::State& state, const Frame& frame);
void sound(Choir::State& state, const Frame& frame, Level level, Mono& out);

}  // namespace auralis::source
