// SPDX-License-Identifier: MIT
// Smooth saturation, x/√(1 + (a·x)²): slope 1 at 0, at most 1/a. Its aliases are held down by first-order antiderivative
// antialiasing, the mean over the straight line from frame to frame. For this curve that mean has a closed form without a
// cancelling difference, since its antiderivative is √(1 + (a·x)²)/a²:
//
//   (√(1 + (a·x)²) − √(1 + (a·y)²)) / (a²·(x − y)) = (x + y) / (√(1 + (a·x)²) + √(1 + (a·y)²))
//
// Only what the curve takes away is averaged so, and taken from x: what is soft keeps its treble, and a = 0 is x to the bit.
// It is worked out of what lies below 0.085·rate; above that, x passes as it is. For what is near Nyquist folds back with little
// help: a saw of 2 kHz at a = 1.6 aliases at -36 dB, at -44 dB averaged, at -46 dB averaged at twice the rate as well, and
// averaged below 0.085·rate alone at -91 dB (at a = 4 -70 dB).
//   a        ≥ 0
//   source   Parker, Zavalishin & Le Bivic, Reducing the aliasing of nonlinear waveshaping using continuous-time
//            convolution, DAFx-16; Bilbao, Esqueda, Parker & Välimäki, Antiderivative antialiasing for memoryless
//            nonlinearities, IEEE SPL 24(7), 2017
#pragma once

#include "synth/simd/filter.h"
#include "synth/simd/lanes.h"

namespace auralis::AURALIS_ISA {

// Two poles at 0.085·rate, 3.7 kHz at 44.1 kHz.
inline constexpr float driven_g = 0.27356904F;  // tan(0.085·π)
inline constexpr float driven_damping = 2.0F;

struct DriveState {
  FilterState low_pass;
  F before, root;  // the last that it gave, and √(1 + (a·before)²)
};

[[gnu::always_inline]] AURALIS_FN F drive_root(F x, F a) {
  const F driven = a * x;
  return root_of(1.0F + driven * driven);
}

[[gnu::always_inline]] AURALIS_FN F drive(DriveState& state, F x, F a) {
  const F low = filter(state.low_pass, x, F{} + driven_g, F{} + driven_damping).low;
  const F root = drive_root(low, a);
  const F mean = (low + state.before) * 0.5F;
  const F kept = 2.0F / (root + state.root);
  state.before = low;
  state.root = root;
  return x + mean * (kept - 1.0F);
}

}  // namespace auralis::AURALIS_ISA
