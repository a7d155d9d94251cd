// SPDX-License-Identifier: MIT
// The reverb's inner loops:
// low cut → three all-passes → pre-delay → diffusion (16 taps, Hadamard, 16 delays, Hadamard) → feedback delay network.
// Every delay in the network is longer than a quantum, so each stage does the whole quantum: frames are lanes but in the
// absorption, whose recursion runs along frames with the 16 lines as lanes.
#pragma once

#include "synth/fx/reverb/reverb.h"

namespace auralis::AURALIS_ISA {
namespace {

using Lines = float[Reverb::lines][quantum_frames];

// The Hadamard matrix, each frame on its own; times this it is orthonormal.
constexpr float orthonormal = 0.25f;
template <int half = 1>
AURALIS_FN void hadamard(F (&v)[Reverb::lines]) {
  if constexpr (half < Reverb::lines) {  // unrolled by hand, so that v stays in registers
    for (int i = 0; i < Reverb::lines / 2; ++i) {
      const int j = i / half * 2 * half + i % half;
      const F a = v[j];
      const F b = v[j + half];
      v[j] = a + b;
      v[j + half] = a - b;
    }
    hadamard<2 * half>(v);
  }
}

AURALIS_FN void to_lanes(const Lines& x, float (&y)[quantum_frames][Reverb::lines]) {
  for (int i = 0; i < Reverb::lines; i += 4) {
    for (int n = 0; n < quantum_frames; n += lanes) {
      F v[4] = {load<F>(&x[i][n]), load<F>(&x[i + 1][n]), load<F>(&x[i + 2][n]), load<F>(&x[i + 3][n])};
      transpose(v[0], v[1], v[2], v[3]);
      for (int k = 0; k < 4; ++k) store_fours(&y[n + k][i], 4 * Reverb::lines, v[k]);
    }
  }
}
// All lines of `lanes` quantum_frames.
AURALIS_FN void from_lanes(const float (&y)[quantum_frames][Reverb::lines], int n, F (&v)[Reverb::lines]) {
  for (int i = 0; i < Reverb::lines; i += 4) {
    for (int k = 0; k < 4; ++k) v[i + k] = load_fours(&y[n + k][i], 4 * Reverb::lines);
    transpose(v[i], v[i + 1], v[i + 2], v[i + 3]);
  }
}

// Both sections of all lines go along the frames together, so that their recursions overlap; with them what beside(n) does
// at frame n.
template <bool moving, typename Beside>
[[gnu::always_inline]] AURALIS_FN void absorb(Reverb::State& s, const Reverb::Frame& f,
                                              float (&x)[quantum_frames][Reverb::lines], Beside beside) {
  constexpr int groups = Reverb::lines / lanes;
  F c[2][section_size][groups];
  F s1[2][groups], s2[2][groups];
  for (int section = 0; section < 2; ++section) {
    for (int g = 0; g < groups; ++g) {
      for (int k = 0; k < section_size; ++k) c[section][k][g] = load<F>(f.absorption[section][k] + g * lanes);
      s1[section][g] = load<F>(s.absorption[section][0] + g * lanes);
      s2[section][g] = load<F>(s.absorption[section][1] + g * lanes);
    }
  }
  for (int n = 0; n < quantum_frames; ++n) {
    beside(n);
    for (int g = 0; g < groups; ++g) {
      F v = load<F>(&x[n][g * lanes]);
      for (int section = 0; section < 2; ++section) {
        const F out = c[section][0][g] * v + s1[section][g];
        const F turned = (c[section][1][g] * v + s2[section][g]) - c[section][3][g] * s1[section][g];
        s2[section][g] = c[section][2][g] * v - c[section][4][g] * s1[section][g];
        s1[section][g] = turned;
        v = out;
        if constexpr (moving) {
          for (int k = 0; k < section_size; ++k)
            c[section][k][g] += load<F>(f.absorption_step[section][k] + g * lanes);
        }
      }
      store(&x[n][g * lanes], v);
    }
  }
  for (int section = 0; section < 2; ++section) {
    for (int g = 0; g < groups; ++g) {
      store(s.absorption[section][0] + g * lanes, settled(s1[section][g]));
      store(s.absorption[section][1] + g * lanes, settled(s2[section][g]));
    }
  }
}

// The lines' absorption and, beside it, the low cut of what comes in.
AURALIS_FN void absorb_and_cut(Reverb::State& s, const Reverb::Frame& f,
                               float (&x)[quantum_frames][Reverb::lines], const StereoQuantum& in,
                               StereoQuantum& cut) {
  if (f.absorption_moving || moves(f.low_cut)) {
    filter(s.low_cut, f.low_cut, in, cut);
    const auto nothing = [](int) {};
    return f.absorption_moving ? absorb<true>(s, f, x, nothing) : absorb<false>(s, f, x, nothing);
  }
  float c[section_size];
  for (int k = 0; k < section_size; ++k) c[k] = f.low_cut.of[k].from;
  SectionState left = s.low_cut[0];
  SectionState right = s.low_cut[1];
  absorb<false>(s, f, x, [&](int n) {
    cut[0][n] = filter(left, c, in[0][n]);
    cut[1][n] = filter(right, c, in[1][n]);
  });
  s.low_cut[0] = settled(left);
  s.low_cut[1] = settled(right);
}

// The shimmer lines through their low-pass, lanes = lines.
AURALIS_FN void dull_lines(Reverb::State& s, const float* c, const Lines& x,
                           float (&y)[Reverb::shimmer_lines][quantum_frames]) {
  static_assert(Reverb::shimmer_lines == 4);
  Q s1 = load<Q>(s.shimmer_low_pass[0]);
  Q s2 = load<Q>(s.shimmer_low_pass[1]);
  for (int n = 0; n < quantum_frames; n += 4) {
    Q v[4];
    for (int i = 0; i < 4; ++i) v[i] = load<Q>(&x[Reverb::lines - Reverb::shimmer_lines + i][n]);
    transpose(v[0], v[1], v[2], v[3]);
    for (Q& in : v) {
      const Q out = c[0] * in + s1;
      const Q turned = (c[1] * in + s2) - c[3] * s1;
      s2 = c[2] * in - c[4] * s1;
      s1 = turned;
      in = out;
    }
    transpose(v[0], v[1], v[2], v[3]);
    for (int i = 0; i < 4; ++i) store(&y[i][n], v[i]);
  }
  store(s.shimmer_low_pass[0], settled(s1));
  store(s.shimmer_low_pass[1], settled(s2));
}

// In the shimmer lines some grains of x give way to x shifted, together never stronger than x.
AURALIS_FN void shimmer(Reverb::State& s, const Reverb::Frame& f, int64_t frame, Lines& x) {
  if (!f.shimmering) {
    s.shimmering = false;
    return;
  }
  if (!s.shimmering) {
    for (Ring& ring : s.shimmer)
      __builtin_memset(ring.memory.data(), 0,
                       sizeof(float) * static_cast<size_t>(ring.mask + 1 + ring_margin));
    __builtin_memset(s.shimmer_low_pass, 0, sizeof s.shimmer_low_pass);
    s.shimmering = true;
  }
  alignas(64) float dull[Reverb::shimmer_lines][quantum_frames];
  dull_lines(s, f.shimmer_low_pass, x, dull);
  for (int i = 0; i < Reverb::shimmer_lines; ++i) {
    float* line = x[Reverb::lines - Reverb::shimmer_lines + i];
    write(s.shimmer[i], frame, dull[i]);
    for (int n = 0; n < quantum_frames; n += lanes)
      store(line + n, at(f.shimmer_straight[i], n) * load<F>(line + n));
    for (int head = 0; head < Reverb::shimmer_heads; ++head) {
      if (!f.shimmer_heads_on[i][head]) continue;
      alignas(64) float shifted[quantum_frames];
      read(s.shimmer[i], frame, f.heads[i][head], shifted);
      for (int n = 0; n < quantum_frames; n += lanes)
        store(line + n, load<F>(line + n) + at(f.windows[i][head], n) * load<F>(shifted + n));
    }
  }
}

// Where the modulated lines are read beside their own delays: on delays shift − 2 … shift + 3, by weights that move.
struct Modulation {
  int32_t shift[Reverb::modulated_lines];
  float weight[Reverb::interpolator_taps][Reverb::modulated_lines];
  float step[Reverb::interpolator_taps][Reverb::modulated_lines];
};

alignas(64) inline constexpr double modulation_hz[Reverb::modulated_lines] = {0.31, 0.83, 0.47, 0.67,
                                                                              0.23, 0.59, 0.74, 0.38};
alignas(64) inline constexpr double modulation_line[Reverb::modulated_lines] = {0, 1, 2, 3, 4, 5, 6, 7};

// Weights of the samples delayed by −2 … 3 frames that give the one delayed by `at`, 0 … 1 (Lagrange).
AURALIS_FN void interpolator(D at, D (&weights)[Reverb::interpolator_taps]) {
  const D a = at + 2.0, b = at + 1.0, c = at, d = at - 1.0, e = at - 2.0, f = at - 3.0;
  const D ab = a * b, cd = c * d, ef = e * f;
  weights[0] = b * cd * ef / -120.0;
  weights[1] = a * cd * ef / 24.0;
  weights[2] = ab * d * ef / -12.0;
  weights[3] = ab * c * ef / 12.0;
  weights[4] = ab * cd * f / -24.0;
  weights[5] = ab * cd * e / 120.0;
}

AURALIS_FN void modulate(const Reverb::Frame& f, int64_t frame, Modulation& m) {
  static_assert(Reverb::modulated_lines % half_lanes == 0);
  for (int i = 0; i < Reverb::modulated_lines; i += half_lanes) {
    const auto excursion = [&](int64_t at_frame, double depth) {
      const D hz = load<D>(modulation_hz + i);
      return depth *
             sine_of(hz * static_cast<double>(at_frame) / f.rate + 0.618034 * load<D>(modulation_line + i));
    };
    const D from = excursion(frame, f.excursion_from);
    const D to = excursion(frame + quantum_frames, f.excursion_to);
    const D whole = whole_below((from + to) / 2.0);
    store(m.shift + i, to_whole(whole));
    D weights_from[Reverb::interpolator_taps];
    D weights_to[Reverb::interpolator_taps];
    interpolator(from - whole, weights_from);
    interpolator(to - whole, weights_to);
    for (int k = 0; k < Reverb::interpolator_taps; ++k) {
      const HalfF start = to_float(weights_from[k]);
      store(m.weight[k] + i, start);
      store(m.step[k] + i, (to_float(weights_to[k]) - start) / static_cast<float>(quantum_frames));
    }
  }
}

AURALIS_FN void read_modulated(const float* from, const Modulation& m, int line, float* out) {
  for (int n = 0; n < quantum_frames; n += lanes) {
    F sum{};
    for (int k = 0; k < Reverb::interpolator_taps; ++k)
      sum += at({m.weight[k][line], m.step[k][line]}, n) * load<F>(from + n - k);
    store(out + n, sum);
  }
}

AURALIS_FN void read_lines(const Reverb::State& s, const Modulation& m, int64_t frame, const int32_t* delays,
                           Lines& x) {
  constexpr int before = 2;  // the interpolator's nodes are at delays −2 … 3
  constexpr int after = Reverb::interpolator_taps - 1 - before;  // beside the line's own
  for (int i = 0; i < Reverb::modulated_lines; ++i) {
    const float* oldest = behind(s.line[i], frame - delays[i] - m.shift[i] - after);
    read_modulated(oldest + after + before, m, i, x[i]);
  }
  for (int i = Reverb::modulated_lines; i < Reverb::lines; ++i) {
    __builtin_memcpy(x[i], behind(s.line[i], frame - delays[i]), sizeof x[i]);
  }
}

// Signs (and, in reverb.cpp, the order of the delays) drawn so that the echo density of every path from either side to
// either side rises fastest.
constexpr float diffusion_sign[Reverb::lines] = {-1, -1, -1, 1, 1, -1, 1, -1, -1, -1, 1, -1, -1, 1, 1, 1};
constexpr float spread_sign[Reverb::lines] = {1, -1, -1, -1, 1, 1, -1, 1, 1, 1, -1, -1, 1, 1, 1, -1};
constexpr float output_sign[Reverb::lines] = {1, 1, -1, 1, -1, 1, 1, 1, -1, -1, -1, 1, -1, 1, 1, -1};
constexpr float own_side = 1;
constexpr float other_side = 0.2f;  // correlation of the sides: 2·0.2 / (1 + 0.2²) = 0.38

// A Schroeder all-pass whose delay is longer than a quantum. Where nothing goes in, its tail ends at silent_below.
AURALIS_FN void all_pass(Ring& ring, int64_t frame, int32_t delay_frames, bool ends, float* x) {
  constexpr float gain = 0.6f;
  alignas(64) float fed[quantum_frames];
  const float* delayed = behind(ring, frame - delay_frames);
  for (int n = 0; n < quantum_frames; n += lanes) {
    const F late = load<F>(delayed + n);
    const F v = load<F>(x + n) - gain * late;
    store(fed + n, v);
    store(x + n, gain * v + late);
  }
  if (ends && quiet(fed, quantum_frames)) __builtin_memset(fed, 0, sizeof fed);
  write(ring, frame, fed);
}

AURALIS_FN void diffuse(Reverb::State& s, const Reverb::Frame& f, int64_t frame, StereoQuantum& in,
                        Lines& x) {
  constexpr float share = 0.35355339f;  // √(1/8)
  for (int side = 0; side < 2; ++side) {
    const bool ends = quiet(in[side], quantum_frames);
    for (int i = 0; i < Reverb::all_passes; ++i) {
      all_pass(s.all_pass[side][i], frame, f.all_pass[side][i], ends, in[side]);
    }
    write(s.diffusion[side], frame, in[side]);
  }
  const float* now[Reverb::lines];
  const float* next[Reverb::lines];
  float* spread[Reverb::lines];
  for (int i = 0; i < Reverb::lines; ++i) {
    now[i] = behind(s.diffusion[i % 2], frame - f.diffusion_now[i]);
    next[i] = behind(s.diffusion[i % 2], frame - f.diffusion_next[i]);
    spread[i] = place(s.spread[i], frame);
  }
  F v[Reverb::lines];
  for (int n = 0; n < quantum_frames; n += lanes) {
    for (int i = 0; i < Reverb::lines; ++i) {
      F tap = load<F>(now[i] + n);
      if (f.predelay_fading) tap += at(f.predelay_mix, n) * (load<F>(next[i] + n) - tap);
      v[i] = (orthonormal * share * diffusion_sign[i]) * tap;
    }
    hadamard(v);
    for (int i = 0; i < Reverb::lines; ++i) store(spread[i] + n, v[i]);
  }
  for (int i = 0; i < Reverb::lines; ++i) {
    repeat(s.spread[i], frame);
    now[i] = behind(s.spread[i], frame - f.spread[i]);
  }
  for (int n = 0; n < quantum_frames; n += lanes) {
    for (int i = 0; i < Reverb::lines; ++i) v[i] = (orthonormal * spread_sign[i]) * load<F>(now[i] + n);
    hadamard(v);
    for (int i = 0; i < Reverb::lines; ++i) store(&x[i][n], v[i]);
  }
}

// What each pair of lines carries, turned: as strong as before.
AURALIS_FN void turn(const Reverb::Frame& f, int n, F (&v)[Reverb::lines]) {
  for (int i = 0; i < Reverb::turned_pairs; ++i) {
    const F cosine = at(f.turn[i][0], n);
    const F sine = at(f.turn[i][1], n);
    const F a = v[i];
    const F b = v[i + Reverb::turned_pairs];
    v[i] = cosine * a - sine * b;
    v[i + Reverb::turned_pairs] = sine * a + cosine * b;
  }
}

AURALIS_FN bool run(Reverb::State& s, const Reverb::Frame& f, int64_t frame, const StereoQuantum& in,
                    Returns& to) {
  const bool in_quiet = quiet(in);
  alignas(64) Lines x;
  Modulation modulation;
  modulate(f, frame, modulation);
  read_lines(s, modulation, frame, f.line_now, x);
  if (f.size_fading) {
    alignas(64) Lines next;
    read_lines(s, modulation, frame, f.line_next, next);
    for (int i = 0; i < Reverb::lines; ++i) crossfade(f.size_mix, next[i], x[i]);
  }
  shimmer(s, f, frame, x);
  alignas(64) float by_frame[quantum_frames][Reverb::lines];
  to_lanes(x, by_frame);
  alignas(64) StereoQuantum cut;
  absorb_and_cut(s, f, by_frame, in, cut);
  alignas(64) Lines fresh;
  diffuse(s, f, frame, cut, fresh);
  alignas(64) StereoQuantum wet;
  for (int n = 0; n < quantum_frames; n += lanes) {
    F v[Reverb::lines];
    from_lanes(by_frame, n, v);
    if (f.turning) turn(f, n, v);
    hadamard(v);
    F side[2] = {F{}, F{}};
    for (int i = 0; i < Reverb::lines; ++i) {
      v[i] = orthonormal * v[i] + at(f.input, n) * load<F>(&fresh[i][n]);
      store(place(s.line[i], frame) + n, v[i]);
      side[i % 2] += output_sign[i] * v[i];
    }
    store(&wet[0][n], own_side * side[0] + other_side * side[1]);
    store(&wet[1][n], own_side * side[1] + other_side * side[0]);
  }
  bool lines_quiet = in_quiet;
  for (Ring& line : s.line) lines_quiet = lines_quiet && quiet(place(line, frame), quantum_frames);
  for (Ring& line : s.line) {
    if (lines_quiet) __builtin_memset(place(line, frame), 0, quantum_frames * sizeof(float));
    repeat(line, frame);
  }
  mix(f.level, wet, to.mix);
  return lines_quiet;
}

}  // namespace
}  // namespace auralis::AURALIS_ISA
