// SPDX-License-Identifier: MIT
// Tones that run to and fro: a string, plucked or bowed, and a pipe that is blown.
//   string   two delay lines meet where it is touched; one end turns over what comes, the other turns it over and dulls it
//   pluck    a pulse of force, a softer one longer
//   bow      lets go once a period, and so pushes a string that it damps: Helmholtz's motion, without the chaos of a true
//            bow's friction
//   pipe     stopped: one line of half a period whose end turns over what comes, and a mouth that strengthens what is soft
//            and no more than holds what is loud; breath as noise
//   tune     the dulling's phase is taken off the line, whose fraction is read by a cubic through four points: within 2 cents
//            up to a twelfth of the rate
//   fold     the bow's arch is at least ten frames long, and the string strengthens its own partials alone; the pipe's mouth is
//            gentle: below −60 dB up to 2 kHz
//   source   Smith, Physical Audio Signal Processing, 2010; Cook & Scavone, The Synthesis ToolKit, ICMC 1999; McIntyre,
//            Schumacher & Woodhouse, On the oscillations of musical instruments, JASA 74, 1983
#pragma once

#include "synth/source/frame.h"

namespace auralis::source {

struct String {
  static constexpr VoiceParam level = VoiceParam::string_level;
  static constexpr int longest = 4096;  // frames of a line; what is lower sounds an octave higher

  // A line's fraction, and the dulling at its end.
  struct Loop {
    double delay;      // frames of the line that is read between frames
    float pole, gain;  // y = gain·(1 − pole)·x + pole·y
    float memory;
  };
  struct State {
    float far[longest], near[longest], bore[longest];  // the string's two lines, and the pipe's
    int at;                                            // where the next frame is written
    int near_frames;
    Loop string, pipe;
    double increment;
    float tone, decay_s;
    float pulse_at, pulse_turn, pulse_gain;  // as Body's
    float bow, slip_at;                      // how far the bow is on the string; where its slip's arch is
    double bow_phase;                        // cycles since it let go
    float breath;
    float slow;  // what the output's blocker of direct current remembers
    float before;
    uint32_t noise;
    bool on_string, on_pipe;
  };
};

void begin(String::State& state, const Frame& frame);
void sound(String::State& state, const Frame& frame, Level level, Mono& out);

}  // namespace auralis::source
