// SPDX-License-Identifier: MIT
// A body of sixteen modes, struck or rubbed: each a number that turns at its partial's frequency and shrinks.
//   bar     uniform, free at both ends: (2n + 1)² (Fletcher & Rossing, The Physics of Musical Instruments, 2nd ed., 2.13)
//   bowl    pairs that beat slowly, since no bowl is quite round: ratios of a Tibetan bowl of 180 mm (Inácio, Henrique &
//           Antunes, The dynamics of Tibetan singing bowls, Acta Acustica 92, 2006)
//   glass   a wine glass, in pairs: about m² (French, In vino veritas, American Journal of Physics 51, 1983)
//   plate   rectangular, its edges supported, sides 1 : 1.414: (m/a)² + (n/b)² (Fletcher & Rossing, 3.5)
//   strike  a pulse as long as a cosine's arch, from 9 ms, soft, to 0.15 ms, hard; at most seven tenths of a period
//   rub     what it loses is given back, mode by mode, until each is as loud as it is meant to be
//   partials above 0.45 of the rate are not there: nothing is folded
#pragma once

#include "synth/source/frame.h"

namespace auralis::source {

struct Body {
  static constexpr VoiceParam level = VoiceParam::body_level;
  static constexpr int modes = 16;
  static constexpr double highest = 0.45;      // cycles per frame
  static constexpr double highest_full = 0.4;  // from here on partials fade
  static constexpr float strength = 0.45F;     // of the lowest partial of a full blow

  struct State {
    float re[modes], im[modes];
    float turn_re[modes], turn_im[modes];  // a frame's turn and loss
    float given[modes];                    // of a strike's pulse
    double ratio[modes], strength[modes];  // of the partials
    double loss[modes];                    // a frame's
    double increment;
    float shape;             // that the partials were made for
    float loss_made_for[3];  // shape, decay and damping
    float pulse_turn;        // half turns a frame, of the strike's arch
    float pulse_at;          // half turns; from 2 on it is over
    float pulse_gain;
  };
};

void begin(Body::State& state, const Frame& frame);
void sound(Body::State& state, const Frame& frame, Level level, Mono& out);

}  // namespace auralis::source
