// SPDX-License-Identifier: MIT
// Low cut → three all-passes → pre-delay → diffusion (16 taps, Hadamard, 16 delays, Hadamard) → feedback delay network.
// Every delay in the network is longer than a quantum, so each stage does the whole quantum: frames are lanes but in the
// absorption, whose recursion runs along frames with the 16 lines as lanes.
using Lines = float[reverb_lines][frames];

// The Hadamard matrix, each frame on its own; times this it is orthonormal.
constexpr float orthonormal = 0.25f;
template <int half = 1>
inline void hadamard(V (&v)[reverb_lines]) {
  if constexpr (half < reverb_lines) {  // unrolled by hand, so that v stays in registers
    for (int i = 0; i < reverb_lines / 2; ++i) {
      const int j = i / half * 2 * half + i % half;
      const V a = v[j];
      const V b = v[j + half];
      v[j] = a + b;
      v[j + half] = a - b;
    }
    hadamard<2 * half>(v);
  }
}

inline void to_lanes(const Lines& x, float (&y)[frames][reverb_lines]) {
  for (int i = 0; i < reverb_lines; i += 4) {
    for (int n = 0; n < frames; n += lanes) {
      V v[4] = {load(&x[i][n]), load(&x[i + 1][n]), load(&x[i + 2][n]), load(&x[i + 3][n])};
      transpose(v[0], v[1], v[2], v[3]);
      for (int k = 0; k < 4; ++k) store_fours(&y[n + k][i], 4 * reverb_lines, v[k]);
    }
  }
}
// All lines of `lanes` frames.
inline void from_lanes(const float (&y)[frames][reverb_lines], int n, V (&v)[reverb_lines]) {
  for (int i = 0; i < reverb_lines; i += 4) {
    for (int k = 0; k < 4; ++k) v[i + k] = load_fours(&y[n + k][i], 4 * reverb_lines);
    transpose(v[i], v[i + 1], v[i + 2], v[i + 3]);
  }
}

// Both sections of all lines go along the frames together, so that their recursions overlap.
template <bool moving>
inline void absorb(ReverbState& s, const ReverbFrame& f, float (&x)[frames][reverb_lines]) {
  constexpr int groups = reverb_lines / lanes;
  V c[2][section_size][groups];
  V s1[2][groups], s2[2][groups];
  for (int section = 0; section < 2; ++section) {
    for (int g = 0; g < groups; ++g) {
      for (int k = 0; k < section_size; ++k) c[section][k][g] = load(f.absorption[section][k] + g * lanes);
      s1[section][g] = load(s.absorption[section][0] + g * lanes);
      s2[section][g] = load(s.absorption[section][1] + g * lanes);
    }
  }
  for (int n = 0; n < frames; ++n) {
    for (int g = 0; g < groups; ++g) {
      V v = load(&x[n][g * lanes]);
      for (int section = 0; section < 2; ++section) {
        const V out = c[section][0][g] * v + s1[section][g];
        const V turned = (c[section][1][g] * v + s2[section][g]) - c[section][3][g] * s1[section][g];
        s2[section][g] = c[section][2][g] * v - c[section][4][g] * s1[section][g];
        s1[section][g] = turned;
        v = out;
        if constexpr (moving) {
          for (int k = 0; k < section_size; ++k)
            c[section][k][g] += load(f.absorption_step[section][k] + g * lanes);
        }
      }
      store(&x[n][g * lanes], v);
    }
  }
  for (int section = 0; section < 2; ++section) {
    for (int g = 0; g < groups; ++g) {
      store(s.absorption[section][0] + g * lanes, s1[section][g]);
      store(s.absorption[section][1] + g * lanes, s2[section][g]);
    }
  }
}

// The shimmer lines through their low-pass, lanes = lines.
inline void dull_lines(ReverbState& s, const float* c, const Lines& x, float (&y)[shimmer_lines][frames]) {
  static_assert(shimmer_lines == 4);
  V4 s1 = load<V4>(s.shimmer_low_pass[0]);
  V4 s2 = load<V4>(s.shimmer_low_pass[1]);
  for (int n = 0; n < frames; n += 4) {
    V4 v[4];
    for (int i = 0; i < 4; ++i) v[i] = load<V4>(&x[reverb_lines - shimmer_lines + i][n]);
    transpose(v[0], v[1], v[2], v[3]);
    for (V4& in : v) {
      const V4 out = c[0] * in + s1;
      const V4 turned = (c[1] * in + s2) - c[3] * s1;
      s2 = c[2] * in - c[4] * s1;
      s1 = turned;
      in = out;
    }
    transpose(v[0], v[1], v[2], v[3]);
    for (int i = 0; i < 4; ++i) store(&y[i][n], v[i]);
  }
  store(s.shimmer_low_pass[0], s1);
  store(s.shimmer_low_pass[1], s2);
}

// In the shimmer lines some grains of x give way to x shifted, together never stronger than x.
inline void shimmer(ReverbState& s, const ReverbFrame& f, int64_t frame, Lines& x) {
  if (!f.shimmering) {
    s.shimmering = false;
    return;
  }
  if (!s.shimmering) {
    for (const Ring& ring : s.shimmer)
      __builtin_memset(ring.data, 0, sizeof(float) * static_cast<size_t>(ring.mask + 1 + ring_margin));
    __builtin_memset(s.shimmer_low_pass, 0, sizeof s.shimmer_low_pass);
    s.shimmering = true;
  }
  alignas(64) float dull[shimmer_lines][frames];
  dull_lines(s, f.shimmer_low_pass, x, dull);
  for (int i = 0; i < shimmer_lines; ++i) {
    float* line = x[reverb_lines - shimmer_lines + i];
    write(s.shimmer[i], frame, dull[i]);
    for (int n = 0; n < frames; n += lanes) store(line + n, at(f.shimmer_straight[i], n) * load(line + n));
    for (int head = 0; head < shimmer_heads; ++head) {
      if (!f.shimmer_heads_on[i][head]) continue;
      alignas(64) float shifted[frames];
      read(s.shimmer[i], frame, f.heads[i][head], shifted);
      for (int n = 0; n < frames; n += lanes)
        store(line + n, load(line + n) + at(f.windows[i][head], n) * load(shifted + n));
    }
  }
}

inline void read_modulated(const float* from, const Ramp* weights, float* out) {
  for (int n = 0; n < frames; n += lanes) {
    V sum{};
    for (int k = 0; k < interpolator_taps; ++k) sum += at(weights[k], n) * load(from + n - k);
    store(out + n, sum);
  }
}

inline void read_lines(const ReverbState& s, const ReverbFrame& f, int64_t frame, const int32_t* delays,
                       Lines& x) {
  constexpr int before = 2;                              // the interpolator's nodes are at delays −2 … 3
  constexpr int after = interpolator_taps - 1 - before;  // beside the line's own
  for (int i = 0; i < modulated_lines; ++i) {
    const float* oldest = behind(s.lines[i], frame - delays[i] - f.line_shift[i] - after);
    read_modulated(oldest + after + before, f.line_weights[i], x[i]);
  }
  for (int i = modulated_lines; i < reverb_lines; ++i) {
    __builtin_memcpy(x[i], behind(s.lines[i], frame - delays[i]), sizeof x[i]);
  }
}

// Signs (and, in ReverbControl, the order of the delays) drawn so that the echo density of every path from either side to
// either side rises fastest.
constexpr float diffusion_sign[reverb_lines] = {-1, -1, -1, 1, 1, -1, 1, -1, -1, -1, 1, -1, -1, 1, 1, 1};
constexpr float spread_sign[reverb_lines] = {1, -1, -1, -1, 1, 1, -1, 1, 1, 1, -1, -1, 1, 1, 1, -1};
constexpr float output_sign[reverb_lines] = {1, 1, -1, 1, -1, 1, 1, 1, -1, -1, -1, 1, -1, 1, 1, -1};
constexpr float own_side = 1;
constexpr float other_side = 0.2f;  // correlation of the sides: 2·0.2 / (1 + 0.2²) = 0.38

// A Schroeder all-pass whose delay is longer than a quantum.
inline void all_pass(const Ring& ring, int64_t frame, int32_t delay_frames, float* x) {
  constexpr float gain = 0.6f;
  alignas(64) float fed[frames];
  const float* delayed = behind(ring, frame - delay_frames);
  for (int n = 0; n < frames; n += lanes) {
    const V late = load(delayed + n);
    const V v = load(x + n) - gain * late;
    store(fed + n, v);
    store(x + n, gain * v + late);
  }
  write(ring, frame, fed);
}

inline void diffuse(ReverbState& s, const ReverbFrame& f, int64_t frame, StereoQuantum& in, Lines& x) {
  constexpr float share = 0.35355339f;  // √(1/8)
  for (int side = 0; side < 2; ++side) {
    for (int i = 0; i < all_passes; ++i) all_pass(s.all_pass[side][i], frame, f.all_pass[side][i], in[side]);
    write(s.diffusion[side], frame, in[side]);
  }
  const float* now[reverb_lines];
  const float* next[reverb_lines];
  float* spread[reverb_lines];
  for (int i = 0; i < reverb_lines; ++i) {
    now[i] = behind(s.diffusion[i % 2], frame - f.diffusion_now[i]);
    next[i] = behind(s.diffusion[i % 2], frame - f.diffusion_next[i]);
    spread[i] = place(s.spread[i], frame);
  }
  V v[reverb_lines];
  for (int n = 0; n < frames; n += lanes) {
    for (int i = 0; i < reverb_lines; ++i) {
      V tap = load(now[i] + n);
      if (f.predelay_fading) tap += at(f.predelay_mix, n) * (load(next[i] + n) - tap);
      v[i] = (orthonormal * share * diffusion_sign[i]) * tap;
    }
    hadamard(v);
    for (int i = 0; i < reverb_lines; ++i) store(spread[i] + n, v[i]);
  }
  for (int i = 0; i < reverb_lines; ++i) {
    repeat(s.spread[i], frame);
    now[i] = behind(s.spread[i], frame - f.spread[i]);
  }
  for (int n = 0; n < frames; n += lanes) {
    for (int i = 0; i < reverb_lines; ++i) v[i] = (orthonormal * spread_sign[i]) * load(now[i] + n);
    hadamard(v);
    for (int i = 0; i < reverb_lines; ++i) store(&x[i][n], v[i]);
  }
}

inline void reverb(ReverbState& s, const ReverbFrame& f, int64_t frame, const StereoQuantum& in,
                   StereoQuantum& mix_bus) {
  const bool in_quiet = quiet(in);
  if (in_quiet && asleep(s.sleep)) return;

  alignas(64) StereoQuantum cut;
  filter(s.low_cut, f.low_cut, in, cut);
  alignas(64) Lines fresh;
  diffuse(s, f, frame, cut, fresh);

  alignas(64) Lines x;
  read_lines(s, f, frame, f.line_now, x);
  if (f.size_fading) {
    alignas(64) Lines next;
    read_lines(s, f, frame, f.line_next, next);
    for (int i = 0; i < reverb_lines; ++i) crossfade(f.size_mix, next[i], x[i]);
  }
  shimmer(s, f, frame, x);
  alignas(64) float by_frame[frames][reverb_lines];
  to_lanes(x, by_frame);
  if (f.absorption_moving) {
    absorb<true>(s, f, by_frame);
  } else {
    absorb<false>(s, f, by_frame);
  }
  alignas(64) StereoQuantum wet;
  for (int n = 0; n < frames; n += lanes) {
    V v[reverb_lines];
    from_lanes(by_frame, n, v);
    hadamard(v);
    V side[2] = {V{}, V{}};
    for (int i = 0; i < reverb_lines; ++i) {
      v[i] = orthonormal * v[i] + at(f.input, n) * load(&fresh[i][n]);
      store(place(s.lines[i], frame) + n, v[i]);
      side[i % 2] += output_sign[i] * v[i];
    }
    store(&wet[0][n], own_side * side[0] + other_side * side[1]);
    store(&wet[1][n], own_side * side[1] + other_side * side[0]);
  }
  bool lines_quiet = in_quiet;
  for (const Ring& line : s.lines) {
    repeat(line, frame);
    lines_quiet = lines_quiet && quiet(place(line, frame), frames);
  }
  note(s.sleep, lines_quiet);
  mix(f.level, wet, mix_bus);
}
