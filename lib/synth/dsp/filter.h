// SPDX-License-Identifier: MIT
// A resonant state-variable filter with zero-delay feedback: two trapezoidal integrators, solved each frame.
//   g        tan(π·cutoff/rate)
//   k        1/Q
//   low, band, high   from the same state; band peaks at k⁻¹, so k·band has unit gain at the cutoff
// Stable for any g > 0 and k > 0, also when they move every frame.
//   source   Zavalishin, The Art of VA Filter Design, rev. 2.1.2, ch. 4; in the form of Simper, Cytomic, 2013
#pragma once

#include "synth/dsp/lanes.h"

namespace auralis::AURALIS_ISA {

struct FilterState {
  F s1;
  F s2;
};

struct FilterOutput {
  F low;
  F band;
  F high;
};

AURALIS_FN FilterOutput filter(FilterState& state, F x, F g, F k) {
  const F a1 = 1.0F / (1.0F + g * (g + k));
  const F a2 = g * a1;
  const F a3 = g * a2;
  const F v3 = x - state.s2;
  const F band = a1 * state.s1 + a2 * v3;
  const F low = state.s2 + (a2 * state.s1 + a3 * v3);
  state.s1 = (band + band) - state.s1;
  state.s2 = (low + low) - state.s2;
  return {low, band, x - k * band - low};
}

}  // namespace auralis::AURALIS_ISA
