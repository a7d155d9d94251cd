// SPDX-License-Identifier: MIT
// A choir of four: a voice's partials as a throat of five formants lets them through, which the vowel moves.
//   source   formants of an alto: Csound manual, Formant values, after Rodet, Potard & Barrière, The CHANT project, CMJ 8,
//            1984; wider here by half, since four throats are never alike
#pragma once

#include "synth/source/wave/table.h"

namespace auralis::source {

struct Choir {
  static constexpr VoiceParam level = VoiceParam::choir_level;
  static constexpr size_t formants = 5;
  struct Formant {
    double hz, db, width_hz;
  };
  static constexpr Formant vowels[5][formants] = {
      {{325, 0, 50}, {700, -12, 60}, {2530, -30, 170}, {3500, -40, 180}, {4950, -64, 200}},   // u
      {{450, 0, 70}, {800, -9, 80}, {2830, -16, 100}, {3500, -28, 130}, {4950, -55, 135}},    // o
      {{800, 0, 80}, {1150, -4, 90}, {2800, -20, 120}, {3500, -36, 130}, {4950, -60, 140}},   // a
      {{400, 0, 60}, {1600, -24, 80}, {2700, -30, 120}, {3300, -35, 150}, {4950, -60, 200}},  // e
      {{350, 0, 50}, {1700, -20, 100}, {2700, -30, 120}, {3700, -36, 150}, {4950, -60, 200}}  // i
  };
  static constexpr double wider = 1.5;
  static constexpr double between = 0.006;  // of the throat, apart from its formants: -44 dB
  struct State {
    Table::State table;
  };
};

void begin(Choir::State& state, const Frame& frame);
void sound(Choir::State& state, const Frame& frame, Level level, Mono& out);

}  // namespace auralis::source
