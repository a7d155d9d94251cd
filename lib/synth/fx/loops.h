// SPDX-License-Identifier: MIT
// The small loops that the effects share: gains that ramp, crossfades, second-order sections, silence.
//   silence   a quantum none of whose samples is above silent_below
//   settled   a state that has sunk below settled_below is 0 when its quantum ends, so that no tail goes on into numbers
//             too small for normal form, at which processors are slow
#pragma once

#include <numbers>

#include "synth/fx/frame.h"
#include "synth/simd/shuffle.h"

namespace auralis {

inline constexpr float silent_below = 1e-9f;  // −180 dBFS

struct SectionState {
  float s1;
  float s2;
};

namespace AURALIS_ISA {
namespace {

alignas(64) AURALIS_TABLE float iota[quantum_frames] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
    44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

AURALIS_FN F at(const Ramp& ramp, int n) { return ramp.from + ramp.step * load<F>(iota + n); }
AURALIS_FN float at_frame(const Ramp& ramp, int n) { return ramp.from + ramp.step * iota[n]; }

AURALIS_FN void clear(StereoQuantum& x) { __builtin_memset(x, 0, sizeof x); }

// control_math.h's whole_below and sine, the same bits, as vectors: a function that every instruction set compiles cannot
// be shared with code that must run on all of them.
template <typename T>
AURALIS_FN T whole_below(T x) {
  const T nearest = rounded(x);
  return nearest > x ? nearest - 1.0 : nearest;
}
template <typename T>
AURALIS_FN T sine_of(T cycles) {
  T x = cycles - whole_below(cycles);
  x = x < 0.25 ? x : (x < 0.75 ? 0.5 - x : x - 1.0);
  const T a = 2 * std::numbers::pi * x;
  const T s = a * a;
  return a * (1 + s * (-1.0 / 6 + s * (1.0 / 120 + s * (-1.0 / 5040 + s * (1.0 / 362880 - s / 39916800)))));
}

// control_math.h's make_tap.
AURALIS_FN Tap tap_between(double from_frames, double to_frames) {
  const double base = whole_below(lower_of(from_frames, to_frames));
  return {static_cast<int32_t>(base), static_cast<float>(from_frames - base),
          static_cast<float>((to_frames - from_frames) / quantum_frames)};
}

// to += gain·from
AURALIS_FN void mix(const Ramp& gain, const StereoQuantum& from, StereoQuantum& to) {
  for (int side = 0; side < 2; ++side) {
    for (int n = 0; n < quantum_frames; n += lanes) {
      store(&to[side][n], load<F>(&to[side][n]) + at(gain, n) * load<F>(&from[side][n]));
    }
  }
}
AURALIS_FN void scale(const Ramp& gain, StereoQuantum& x) {
  for (int side = 0; side < 2; ++side) {
    for (int n = 0; n < quantum_frames; n += lanes) {
      store(&x[side][n], at(gain, n) * load<F>(&x[side][n]));
    }
  }
}
AURALIS_FN void crossfade(const Ramp& mix_ramp, const float* next, float* now) {
  for (int n = 0; n < quantum_frames; n += lanes) {
    const F a = load<F>(now + n);
    store(now + n, a + at(mix_ramp, n) * (load<F>(next + n) - a));
  }
}

AURALIS_FN bool quiet(const float* x, int count) {
  F peak{};
  for (int n = 0; n < count; n += lanes) {
    const F v = load<F>(x + n);
    peak = higher_of(peak, higher_of(v, -v));
  }
  for (int lane = 0; lane < lanes; ++lane) {
    if (peak[lane] > silent_below) return false;
  }
  return true;
}
AURALIS_FN bool quiet(const StereoQuantum& x) { return quiet(x[0], 2 * quantum_frames); }

template <typename V>
AURALIS_FN V settled(V state) {
  constexpr auto least = static_cast<float>(settled_below);
  return ((state > least) | (state < -least)) ? state : V{};
}
AURALIS_FN SectionState settled(const SectionState& s) { return {settled(s.s1), settled(s.s2)}; }

// One frame through a second-order section: see state_form.
AURALIS_FN float filter(SectionState& s, const float* c, float x) {
  const float y = c[0] * x + s.s1;
  const float s1 = (c[1] * x + s.s2) - c[3] * s.s1;
  s.s2 = c[2] * x - c[4] * s.s1;
  s.s1 = s1;
  return y;
}

AURALIS_FN bool moves(const SectionRamp& ramp) {
  bool moving = false;
  for (const Ramp& of : ramp.of) moving = moving || of.step != 0;
  return moving;
}

// Both sides through the same section.
AURALIS_FN void filter(SectionState (&s)[2], const SectionRamp& ramp, const StereoQuantum& in,
                       StereoQuantum& out) {
  SectionState left = s[0];
  SectionState right = s[1];
  float c[section_size];
  for (int k = 0; k < section_size; ++k) c[k] = ramp.of[k].from;
  const bool moving = moves(ramp);
  for (int n = 0; n < quantum_frames; ++n) {
    if (moving) {
      for (int k = 0; k < section_size; ++k) c[k] = at_frame(ramp.of[k], n);
    }
    out[0][n] = filter(left, c, in[0][n]);
    out[1][n] = filter(right, c, in[1][n]);
  }
  s[0] = settled(left);
  s[1] = settled(right);
}

}  // namespace
}  // namespace AURALIS_ISA
}  // namespace auralis
