// SPDX-License-Identifier: MIT
// What control hands to the inner loops of the effects each quantum: plain numbers in motion.
//   Ramp   a value that moves in the quantum: from + step·n at frame n
//   Tap    a delay that moves in the quantum: base + from + step·n frames; split so that the fraction keeps its
//          precision on delays of seconds; from and from + 64·step are not negative
//   SectionRamp   a second-order section in the form of control_math.h's state_form
#pragma once

#include <cstdint>

#include "synth/quantum.h"

namespace auralis {

struct Ramp {
  float from;
  float step;
};

struct Tap {
  int32_t base;
  float from;
  float step;
};

// A tap on its way to another place: (1 − mix)·now + mix·next. Without fading, now alone.
struct FadedTap {
  Tap now;
  Tap next;
};

inline constexpr int section_size = 5;
struct SectionRamp {
  Ramp of[section_size];
};

// Where the sends' sound goes: into the mix, and on into the reverb.
struct Returns {
  StereoQuantum& mix;
  StereoQuantum& reverb;
};

}  // namespace auralis
