// SPDX-License-Identifier: MIT
// Smooth saturation, x/√(1 + (a·x)²): slope 1 at 0, at most 1/a. Its aliases are held down by first-order antiderivative
// antialiasing, the mean over the straight line from frame to frame. For this curve that mean has a closed form without a
// cancelling difference, since its antiderivative is √(1 + (a·x)²)/a²:
//
//   (√(1 + (a·x)²) − √(1 + (a·y)²)) / (a²·(x − y)) = (x + y) / (√(1 + (a·x)²) + √(1 + (a·y)²))
//
// Of x itself only what the curve takes away is averaged so: what is soft keeps its treble, and a = 0 is x to the bit.
//   a        ≥ 0
//   source   Parker, Zavalishin & Le Bivic, Reducing the aliasing of nonlinear waveshaping using continuous-time
//            convolution, DAFx-16; Bilbao, Esqueda, Parker & Välimäki, Antiderivative antialiasing for memoryless
//            nonlinearities, IEEE SPL 24(7), 2017
#pragma once

#include "synth/simd/lanes.h"

namespace auralis::AURALIS_ISA {

struct DriveState {
  F before, root;  // the last input, and √(1 + (a·before)²)
};

[[gnu::always_inline]] AURALIS_FN F drive_root(F x, F a) {
  const F driven = a * x;
  return root_of(1.0F + driven * driven);
}

[[gnu::always_inline]] AURALIS_FN F drive(DriveState& state, F x, F a) {
  const F root = drive_root(x, a);
  const F mean = (x + state.before) * 0.5F;
  const F kept = 2.0F / (root + state.root);
  state = {x, root};
  return x + mean * (kept - 1.0F);
}

}  // namespace auralis::AURALIS_ISA
