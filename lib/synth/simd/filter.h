// SPDX-License-Identifier: MIT
// A resonant state-variable filter with zero-delay feedback: two trapezoidal integrators, solved each frame.
//   g        tan(π·cutoff/rate)
//   k        1/Q
//   low, band, high   from the same state; band peaks at k⁻¹, so k·band has unit gain at the cutoff
// Stable for any g > 0 and k > 0, also when they move every frame.
//   source   Zavalishin, The Art of VA Filter Design, rev. 2.1.2, ch. 4
#pragma once

#include "synth/simd/lanes.h"

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

// What g and k make of it, for one filter or for several alike.
struct FilterLoop {
  F g, back, solved;
};

[[gnu::always_inline]] AURALIS_FN FilterLoop filter_loop(F g, F k) {
  const F back = g + k;
  return {g, back, 1.0F / (1.0F + g * back)};
}

[[gnu::always_inline]] AURALIS_FN FilterOutput filter(FilterState& state, F x, const FilterLoop& loop) {
  const auto [g, back, solved] = loop;
  const F open = (x - state.s2) - back * state.s1;  // high, were the loop not closed
  const F to_band = (g * solved) * open;
  const F band = to_band + state.s1;
  const F to_low = g * band;
  const F low = to_low + state.s2;
  state.s1 = band + to_band;
  state.s2 = low + to_low;
  return {low, band, solved * open};
}

[[gnu::always_inline]] AURALIS_FN FilterOutput filter(FilterState& state, F x, F g, F k) {
  return filter(state, x, filter_loop(g, k));
}

}  // namespace auralis::AURALIS_ISA
