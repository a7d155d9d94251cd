// SPDX-License-Identifier: MIT
// Vectors of this file's instruction set, rings, and the small loops the units share.
using V = float __attribute__((vector_size(sizeof(float) * AURALIS_LANES)));
using V4 = float __attribute__((vector_size(16)));
using I4 = int32_t __attribute__((vector_size(16)));
constexpr int lanes = AURALIS_LANES;
constexpr int frames = quantum_frames;

alignas(64) constexpr float iota[frames] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                            16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
                                            32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
                                            48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

template <typename T = V>
inline T load(const float* from) {
  T v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}
template <typename T>
inline void store(float* to, T v) {
  __builtin_memcpy(to, &v, sizeof v);
}
inline V at(const Ramp& ramp, int n) { return ramp.from + ramp.step * load(iota + n); }
inline float at_frame(const Ramp& ramp, int n) { return ramp.from + ramp.step * iota[n]; }
template <typename T>
inline T least(T a, T b) {
  return a < b ? a : b;
}
template <typename T>
inline T most(T a, T b) {
  return a > b ? a : b;
}

inline void clear(StereoQuantum& x) { __builtin_memset(x, 0, sizeof x); }
// to += gain·from
inline void mix(const Ramp& gain, const StereoQuantum& from, StereoQuantum& to) {
  for (int side = 0; side < 2; ++side) {
    for (int n = 0; n < frames; n += lanes)
      store(&to[side][n], load(&to[side][n]) + at(gain, n) * load(&from[side][n]));
  }
}
inline void scale(const Ramp& gain, StereoQuantum& x) {
  for (int side = 0; side < 2; ++side) {
    for (int n = 0; n < frames; n += lanes) store(&x[side][n], at(gain, n) * load(&x[side][n]));
  }
}

inline bool quiet(const float* x, int count) {
  V peak{};
  for (int n = 0; n < count; n += lanes) {
    const V v = load(x + n);
    peak = most(peak, most(v, -v));
  }
  for (int lane = 0; lane < lanes; ++lane) {
    if (peak[lane] > sleep_threshold) return false;
  }
  return true;
}
inline bool quiet(const StereoQuantum& x) { return quiet(x[0], 2 * frames); }
inline bool asleep(const Sleep& sleep) { return sleep.quiet_frames >= sleep.memory_frames; }
inline void note(Sleep& sleep, bool was_quiet) {
  sleep.quiet_frames = was_quiet ? sleep.quiet_frames + frames : 0;
}

// The quantum that begins at `frame`; once it is written, repeat() does so past the end where it has to be.
inline float* place(const Ring& ring, int64_t frame) { return ring.data + (frame & ring.mask); }
inline void repeat(const Ring& ring, int64_t frame) {
  float* at = place(ring, frame);
  if (at - ring.data < ring_margin) __builtin_memcpy(at + ring.mask + 1, at, frames * sizeof(float));
}
inline void write(const Ring& ring, int64_t frame, const float* x) {
  __builtin_memcpy(place(ring, frame), x, frames * sizeof(float));
  repeat(ring, frame);
}
// The quantum that began at `frame`, or any 64 + margin frames from there on.
inline const float* behind(const Ring& ring, int64_t frame) { return place(ring, frame); }

// Transposes each four by four: a, b, c, d are rows of four, as many side by side as there are lanes for.
template <typename T, size_t... i>
inline void transpose(T& a, T& b, T& c, T& d, std::index_sequence<i...>) {
  constexpr size_t n = sizeof...(i);
  const T ab_low = __builtin_shufflevector(a, b, (i / 4 * 4 + i % 4 / 2 + i % 2 * n)...);
  const T ab_high = __builtin_shufflevector(a, b, (i / 4 * 4 + i % 4 / 2 + i % 2 * n + 2)...);
  const T cd_low = __builtin_shufflevector(c, d, (i / 4 * 4 + i % 4 / 2 + i % 2 * n)...);
  const T cd_high = __builtin_shufflevector(c, d, (i / 4 * 4 + i % 4 / 2 + i % 2 * n + 2)...);
  a = __builtin_shufflevector(ab_low, cd_low, (i / 4 * 4 + i % 2 + i % 4 / 2 * n)...);
  b = __builtin_shufflevector(ab_low, cd_low, (i / 4 * 4 + i % 2 + i % 4 / 2 * n + 2)...);
  c = __builtin_shufflevector(ab_high, cd_high, (i / 4 * 4 + i % 2 + i % 4 / 2 * n)...);
  d = __builtin_shufflevector(ab_high, cd_high, (i / 4 * 4 + i % 2 + i % 4 / 2 * n + 2)...);
}
template <typename T>
inline void transpose(T& a, T& b, T& c, T& d) {
  transpose(a, b, c, d, std::make_index_sequence<sizeof(T) / sizeof(float)>());
}

template <typename T, size_t... i>
inline auto join(T a, T b, std::index_sequence<i...>) {
  return __builtin_shufflevector(a, b, i...);
}
// Fours that lie `stride` apart, side by side.
template <int count = lanes>
inline auto load_fours(const float* from, int stride) {
  if constexpr (count == 4) {
    return load<V4>(from);
  } else {
    return join(load_fours<count / 2>(from, stride), load_fours<count / 2>(from + count / 8 * stride, stride),
                std::make_index_sequence<count>());
  }
}
// … and back: the fours of v, `stride` apart.
template <typename T>
inline void store_fours(float* to, int stride, T v) {
  float fours[sizeof(T) / sizeof(float)];
  __builtin_memcpy(fours, &v, sizeof v);
  for (size_t i = 0; i < sizeof(T) / sizeof(float); i += 4)
    __builtin_memcpy(to + i / 4 * stride, fours + i, 16);
}

// Third-order Lagrange interpolation between x1 and x0, whose gain is nowhere above 1.
template <typename T>
inline T interpolate(T f, T x2, T x1, T x0, T newest) {
  const T down = 1.0f - f;
  const T outer = f * down * (1.0f / 6.0f);
  const T inner = (1.0f + f) * (2.0f - f) * 0.5f;
  return inner * (down * x0 + f * x1) - outer * ((2.0f - f) * newest + (1.0f + f) * x2);
}

// Reads a ring through a moving tap: where it keeps its distance in whole frames for a vector, from neighbours in a row;
// else four frames at a time, each a load of its four neighbours.
inline void read(const Ring& ring, int64_t frame, const Tap& tap, float* out) {
  const auto here = static_cast<int32_t>(frame & ring.mask) - tap.base - 2;
  const auto whole_at = [&](int n) { return static_cast<int32_t>(tap.from + tap.step * iota[n]); };
  for (int n = 0; n < frames; n += lanes) {
    const int32_t whole = whole_at(n);
    if (whole == whole_at(n + lanes - 1)) {
      const float* oldest = ring.data + ((here + n - whole) & ring.mask);
      const V f = tap.from + tap.step * load(iota + n) - static_cast<float>(whole);
      store(out + n, interpolate(f, load(oldest), load(oldest + 1), load(oldest + 2), load(oldest + 3)));
      continue;
    }
    for (int m = n; m < n + lanes; m += 4) {
      const V4 offset = tap.from + tap.step * load<V4>(iota + m);
      const I4 floor = __builtin_convertvector(offset, I4);
      const I4 oldest = (here + m + I4{0, 1, 2, 3} - floor) & ring.mask;
      V4 x2 = load<V4>(ring.data + oldest[0]);
      V4 x1 = load<V4>(ring.data + oldest[1]);
      V4 x0 = load<V4>(ring.data + oldest[2]);
      V4 newest = load<V4>(ring.data + oldest[3]);
      transpose(x2, x1, x0, newest);
      store(out + m, interpolate(offset - __builtin_convertvector(floor, V4), x2, x1, x0, newest));
    }
  }
}

inline void crossfade(const Ramp& mix_ramp, const float* next, float* now) {
  for (int n = 0; n < frames; n += lanes) {
    const V a = load(now + n);
    store(now + n, a + at(mix_ramp, n) * (load(next + n) - a));
  }
}

// One frame through a second-order section: see state_form.
inline float filter(SectionState& s, const float* c, float x) {
  const float y = c[0] * x + s.s1;
  const float s1 = (c[1] * x + s.s2) - c[3] * s.s1;
  s.s2 = c[2] * x - c[4] * s.s1;
  s.s1 = s1;
  return y;
}

// Both sides through the same section.
inline void filter(SectionState (&s)[2], const SectionRamp& ramp, const StereoQuantum& in,
                   StereoQuantum& out) {
  SectionState left = s[0];
  SectionState right = s[1];
  float c[section_size];
  bool moving = false;
  for (int k = 0; k < section_size; ++k) {
    c[k] = ramp.of[k].from;
    moving = moving || ramp.of[k].step != 0;
  }
  for (int n = 0; n < frames; ++n) {
    if (moving) {
      for (int k = 0; k < section_size; ++k) c[k] = at_frame(ramp.of[k], n);
    }
    out[0][n] = filter(left, c, in[0][n]);
    out[1][n] = filter(right, c, in[1][n]);
  }
  s[0] = left;
  s[1] = right;
}

// Takes the mean away. The mean is a one-pole, four frames at a time: what the four add to it, then what is left of it
// from before.
inline void block_dc(float (&mean)[2], const OutputFrame& f, const StereoQuantum& in, StereoQuantum& out) {
  const float once = f.dc_kept[0];
  const float twice = f.dc_kept[1];
  const V4 kept = load<V4>(f.dc_kept);
  for (int side = 0; side < 2; ++side) {
    V4 carried = V4{} + mean[side];
    for (int n = 0; n < frames; n += 4) {
      const V4 x = load<V4>(&in[side][n]);
      V4 sum = f.dc_taken * x;
      sum += once * __builtin_shufflevector(V4{}, sum, 0, 4, 5, 6);
      sum += twice * __builtin_shufflevector(V4{}, sum, 0, 1, 4, 5);
      const V4 here = sum + kept * carried;
      store(&out[side][n], x - here);
      carried = __builtin_shufflevector(here, here, 3, 3, 3, 3);
    }
    mean[side] = carried[0];
  }
}
