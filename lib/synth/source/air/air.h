// SPDX-License-Identifier: MIT
// Weather: noise that drops, waves and gusts shape, each by chance, so that nothing of it comes round.
//   rain    drops at Poisson's distances on a roof of three resonances, before a bed of drops too many to be told apart
//   surf    two seas of waves, each of another size and at another distance
//   wind    gusts through two gaps that whistle about the note, and a twelfth and more above it
//   vinyl   clicks, most of them soft, and the breath of the groove
//   chance  a function of the note's key and of time since it began
#pragma once

#include "synth/source/frame.h"

namespace auralis::source {

struct Air {
  static constexpr VoiceParam level = VoiceParam::air_level;
  static constexpr int bands = 3;

  struct Band {
    float s1, s2;       // a band-pass's memory
    float g, k, share;  // share: 1/(1 + g(g + k))
  };
  struct State {
    Band rain[bands], wind[2], surf[2], vinyl;
    float drop[bands];    // how loud the last drops still are
    float splash[bands];  // the same as it is heard, without an edge
    float click, crack;
    float waves[2], gust, whistle[2], shower;  // as of the quantum's start
    float hiss;
    float made_for[3];
  };
};

void begin(Air::State& state, const Frame& frame);
void sound(Air::State& state, const Frame& frame, Level level, Mono& out);

}  // namespace auralis::source
