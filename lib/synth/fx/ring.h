// SPDX-License-Identifier: MIT
// A delay line of a power of two frames, written and read a quantum at a time.
//   place     frame f lies at f & mask; the first ring_margin frames are repeated past the end, so that reading on never
//             wraps
//   memory    zeroed, copied by value; what is never written is never resident
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "synth/aligned.h"
#include "synth/fx/loops.h"

namespace auralis {

inline constexpr int ring_margin = 2 * quantum_frames;
inline constexpr int longest_interpolator = 6;  // taps

struct Ring {
  Ring() = default;
  // For delays up to `frames`, and the quantum in which they are read.
  explicit Ring(double frames)
      : mask(static_cast<int32_t>(std::bit_ceil(static_cast<uint32_t>(std::ceil(frames)) + quantum_frames +
                                                longest_interpolator)) -
             1),
        memory(static_cast<size_t>(mask + 1 + ring_margin)) {}

  int64_t frames() const { return mask + 1; }

  int32_t mask = 0;
  Aligned<float> memory;
};

namespace AURALIS_ISA {
namespace {

// The quantum that begins at `frame`; once it is written, repeat() does so past the end where it has to be.
AURALIS_FN float* place(Ring& ring, int64_t frame) { return ring.memory.data() + (frame & ring.mask); }

// The quantum that began at `frame`, or any 64 + margin frames from there on.
AURALIS_FN const float* behind(const Ring& ring, int64_t frame) {
  return ring.memory.data() + (frame & ring.mask);
}

AURALIS_FN void repeat(Ring& ring, int64_t frame) {
  float* at = place(ring, frame);
  if (at - ring.memory.data() < ring_margin) {
    __builtin_memcpy(at + ring.mask + 1, at, quantum_frames * sizeof(float));
  }
}
AURALIS_FN void write(Ring& ring, int64_t frame, const float* x) {
  __builtin_memcpy(place(ring, frame), x, quantum_frames * sizeof(float));
  repeat(ring, frame);
}

// Third-order Lagrange interpolation between x1 and x0, whose gain is nowhere above 1.
template <typename V>
AURALIS_FN V interpolate(V f, V x2, V x1, V x0, V newest) {
  const V down = 1.0f - f;
  const V outer = f * down * (1.0f / 6.0f);
  const V inner = (1.0f + f) * (2.0f - f) * 0.5f;
  return inner * (down * x0 + f * x1) - outer * ((2.0f - f) * newest + (1.0f + f) * x2);
}

// Reads a ring through a moving tap: where it keeps its distance in whole frames for a vector, from neighbours in a row;
// else four frames at a time, each a load of its four neighbours.
AURALIS_FN void read(const Ring& ring, int64_t frame, const Tap& tap, float* out) {
  const float* data = ring.memory.data();
  const auto here = static_cast<int32_t>(frame & ring.mask) - tap.base - 2;
  const auto whole_at = [&](int n) { return static_cast<int32_t>(tap.from + tap.step * iota[n]); };
  for (int n = 0; n < quantum_frames; n += lanes) {
    const int32_t whole = whole_at(n);
    if (whole == whole_at(n + lanes - 1)) {
      const float* oldest = data + ((here + n - whole) & ring.mask);
      const F f = tap.from + tap.step * load<F>(iota + n) - static_cast<float>(whole);
      store(out + n,
            interpolate(f, load<F>(oldest), load<F>(oldest + 1), load<F>(oldest + 2), load<F>(oldest + 3)));
      continue;
    }
    for (int m = n; m < n + lanes; m += 4) {
      const Q offset = tap.from + tap.step * load<Q>(iota + m);
      const QI floor = __builtin_convertvector(offset, QI);
      const QI oldest = (here + m + QI{0, 1, 2, 3} - floor) & ring.mask;
      Q x2 = load<Q>(data + oldest[0]);
      Q x1 = load<Q>(data + oldest[1]);
      Q x0 = load<Q>(data + oldest[2]);
      Q newest = load<Q>(data + oldest[3]);
      transpose(x2, x1, x0, newest);
      store(out + m, interpolate(offset - __builtin_convertvector(floor, Q), x2, x1, x0, newest));
    }
  }
}

}  // namespace
}  // namespace AURALIS_ISA
}  // namespace auralis
