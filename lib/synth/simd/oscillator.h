// SPDX-License-Identifier: MIT
// Band-limited waveforms from a phase, without tables or branches.
//   x           phase in half cycles, −1 … 1
//   steepness   1 / (6·|increment|), increment in cycles per frame: how many kernel half-widths half a cycle has
//   shapes      all in phase with −sin(πx), peak 1, no DC; a pulse is the difference of two edges
//
// A step is smoothed by a kernel six samples long, so a saw is its ramp minus one odd polynomial of the
// distance to the step, and a triangle's corner is that polynomial's integral. Among all even polynomials of
// degree 12 that vanish at ±3 samples, the kernel is the one with the least energy in what folds below 16 kHz at
// 44.1 kHz, partials falling as 1/f. It is not flat; equalize, 13 symmetric taps by least squares, makes it so
// within 1 dB up to 0.363·rate and stops what folds above that. scripts/design-oscillator derives the numbers and
// prints what they give; the tests measure it: a saw's aliases below 16 kHz sum to less than -80 dB of it, and none
// anywhere is above -60 dB of its fundamental up to 2 kHz.
//   source      Välimäki, Pekonen & Nam, JASA 131(1), 2012 (polynomial corrections and an equaliser after them);
//               Slepian & Pollak, Bell Syst. Tech. J. 40, 1961 (kernels of least energy outside a band)
#pragma once

#include "synth/simd/functions.h"
#include "synth/simd/oscillator_design.h"

namespace auralis::AURALIS_ISA {

using namespace design;

template <int count, typename V>
AURALIS_FN V polynomial(V w, const float (&coefficients)[count]) {
  V y = w * coefficients[0] + coefficients[1];
  for (int i = 2; i < count; ++i) y = y * w + coefficients[i];
  return y;
}

// The kernel's integral: odd, ±1 from |u| = 1 on.
template <typename V>
AURALIS_FN V smooth_step(V u) {
  return polynomial(u * u, step_polynomial) * u;
}

// The integral of smooth_step less |u|: the rounding of a corner, 0 at |u| = 1.
template <typename V>
AURALIS_FN V corner(V u) {  // 0 ≤ u ≤ 1
  return polynomial(u * u, corner_polynomial) - u;
}

// A falling saw of amplitude 1: from +1 just before x = 0 to −1 just after, and up.
template <typename V>
[[gnu::always_inline]] AURALIS_FN V edge(V x, V steepness) {
  return x - smooth_step(clamped(x * steepness, -1.0F, 1.0F));
}

// A triangle in phase with edge: x must be a quarter cycle ahead.
template <typename V>
[[gnu::always_inline]] AURALIS_FN V triangle(V ahead, V steepness) {
  const V from_top = magnitude(ahead);
  const V from_bottom = 1.0F - from_top;
  const V rounding = corner(lower_of(from_top * steepness, V{} + 1.0F)) -
                     corner(lower_of(from_bottom * steepness, V{} + 1.0F));
  return 1.0F - 2.0F * (from_top + rounding / steepness);
}

// The same bits while a corner is at most half a period wide, steepness ≥ 2: only the nearer corner rounds, and what is
// left of the other's polynomial is that of its end.
inline constexpr float one_corner_steepness = 2.0F;
template <typename V>
[[gnu::always_inline]] AURALIS_FN V triangle_of_one_corner(V ahead, V steepness) {
  const V from_top = magnitude(ahead);
  const V from_bottom = 1.0F - from_top;
  const V one = V{} + 1.0F;
  const V bent = corner(lower_of(lower_of(from_top, from_bottom) * steepness, one));
  const V left = corner(one);
  const V rounding = from_top < from_bottom ? bent - left : left - bent;
  return 1.0F - 2.0F * (from_top + rounding / steepness);
}

template <typename V>
[[gnu::always_inline]] AURALIS_FN V sine(V x) {
  return fall_pi(x);
}

// The output for the frame in the middle of x[0 … 12].
template <typename V>
[[gnu::always_inline]] AURALIS_FN V equalize(const V* x) {
  V y = x[equalizer_delay] * equalizer_taps[0];
  for (int k = 1; k <= equalizer_delay; ++k) {
    y += (x[equalizer_delay - k] + x[equalizer_delay + k]) * equalizer_taps[k];
  }
  return y;
}

}  // namespace auralis::AURALIS_ISA
