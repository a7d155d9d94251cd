// SPDX-License-Identifier: MIT
// With L the look-ahead, n the frame that comes in, n − L the frame that goes out, and D half the interpolator's taps:
//   detector   the true peak about frame m is known at m + D, once all taps have passed
//   hold       the least gain wanted in the last L + 64 frames
//   release    recovers towards a little over 1, so that 1 is reached
//   smooth     four moving averages in a row, L/2, L/4, L/8 and L/16 long: S = 15/16·L − 3 in all
// so that the gain on frame t is at or below what every peak from t − D to t + D wants: the newest of them is known at
// t + 2·D, when S − 1 frames of averaging still lie ahead of t + L, as S + 2·D − 1 ≤ L; the oldest is still held then, as
// L + D is less than L + 64. Sums of halves of ones are exact: where nothing was above the ceiling the gain is 1 to the bit.
inline void shift(float* history, int length) {
  __builtin_memmove(history, history + frames, sizeof(float) * static_cast<size_t>(length - frames));
}

// x[n] ← the least of x[0 … n], or, looking ahead, of x[n … 63]; by doubling.
inline void spread_least(float* x, bool ahead) {
  alignas(64) float padded[3 * frames];
  for (float& neutral : padded) neutral = 1;
  float* here = padded + frames;
  __builtin_memcpy(here, x, sizeof(float) * frames);
  for (int reach = 1; reach < frames; reach *= 2) {
    for (int i = 0; i < frames; i += lanes) {
      const int n = ahead ? i : frames - lanes - i;
      store(here + n, least(load(here + n), load(here + n + (ahead ? reach : -reach))));
    }
  }
  __builtin_memcpy(x, here, sizeof(float) * frames);
}

constexpr int longest_reach = most_limiter_lookahead / 4;

// x ← its mean over `window` values, by doubling: each step adds what lies `reach` behind, from the quantum or from the
// past. Takes window − 1 floats of the past, the steps' one after the other, and answers where the next begins.
inline float* average(float* x, float* past, int window) {
  alignas(64) float padded[longest_reach + frames];
  float* now = padded + longest_reach;
  __builtin_memcpy(now, x, sizeof(float) * frames);
  for (int reach = 1; reach < window; reach *= 2) {
    const auto bytes = sizeof(float) * static_cast<size_t>(reach);
    __builtin_memcpy(now - reach, past, bytes);
    __builtin_memcpy(past, now + frames - reach, bytes);
    for (int n = frames - lanes; n >= 0; n -= lanes)
      store(now + n, 0.5f * (load(now + n) + load(now + n - reach)));
    past += reach;
  }
  __builtin_memcpy(x, now, sizeof(float) * frames);
  return past;
}

template <int taps>
inline void detect(const LimiterState& s, const Ramp& ceiling, float* wanted) {
  for (int n = 0; n < frames; n += lanes) {
    V peak{};
    for (int side = 0; side < 2; ++side) {
      const float* x = s.detector[side] + detector_history - (taps - 1) + n;
      // Between the two middle taps lie the phases ¼, ½ and ¾; the first of the two is phase 0.
      const V centre = load(x + taps / 2 - 1);
      V sum[detector_phases] = {};
      for (int k = 0; k < taps; ++k) {
        const V v = load(x + k);
        for (int phase = 0; phase < detector_phases; ++phase) sum[phase] += s.interpolator[phase][k] * v;
      }
      peak = most(peak, most(centre, -centre));
      for (const V& v : sum) peak = most(peak, most(v, -v));
    }
    const V limit = at(ceiling, n) * 0.999999f;  // the gain times the peak may round up
    store(wanted + n, peak > limit ? limit / peak : V{} + 1.0f);
  }
}

inline void limit(LimiterState& s, const OutputFrame& f, const StereoQuantum& in, StereoQuantum& out) {
  const int lookahead = s.lookahead;
  float peak = 0;
  for (int side = 0; side < 2; ++side) {
    shift(s.sound[side], lookahead + frames);
    __builtin_memcpy(s.sound[side] + lookahead, in[side], sizeof in[side]);
    shift(s.detector[side], detector_history + frames);
    __builtin_memcpy(s.detector[side] + detector_history, in[side], sizeof in[side]);
    V most_here{};
    for (int n = 0; n < detector_history + frames; n += lanes) {
      const V x = load(s.detector[side] + n);
      most_here = most(most_here, most(x, -x));
    }
    for (int lane = 0; lane < lanes; ++lane) peak = most(peak, most_here[lane]);
  }

  alignas(64) float gain[frames];
  const float lowest_ceiling = least(at_frame(f.ceiling, 0), at_frame(f.ceiling, frames - 1));
  const bool soft = peak * s.interpolator_gain <= lowest_ceiling;
  if (soft) {
    for (float& wanted : gain) wanted = 1;
  } else if (s.taps == detector_taps) {
    detect<detector_taps>(s, f.ceiling, gain);
  } else {
    detect<most_detector_taps>(s, f.ceiling, gain);
  }

  // Held is the least of what the oldest quantum has left, of those between, and of this one so far.
  const int quanta = lookahead / frames + 1;
  s.newest = (s.newest + 1) % quanta;
  float* newest = s.to_come[s.newest];
  alignas(64) float left[frames];
  __builtin_memcpy(left, newest + 1, sizeof left);
  __builtin_memcpy(newest, gain, sizeof gain);
  if (!soft) {
    spread_least(newest, true);
    spread_least(gain, false);
  }
  float between = 1;
  for (int i = 0; i < quanta; ++i) {
    if (i != s.newest) between = least(between, s.to_come[i][0]);
  }
  for (int n = 0; n < frames; n += lanes)
    store(gain + n, least(least(load(left + n), load(gain + n)), V{} + between));

  const bool open = s.gain == 1 && gain[0] == 1 && gain[frames - 1] == 1;
  s.open_frames = open ? s.open_frames + frames : 0;
  if (s.open_frames > lookahead) {  // all that is averaged is 1
    for (int side = 0; side < 2; ++side) __builtin_memcpy(out[side], s.sound[side], sizeof out[side]);
    return;
  }
  constexpr float beyond = 1.001f;
  const float kept = 1 - s.release;
  const float gained = s.release * beyond;
  for (float& g : gain) g = s.gain = least(g, kept * s.gain + gained);
  float* past = s.past;
  for (int window = lookahead / 2; window >= lookahead / 16; window /= 2) past = average(gain, past, window);
  for (int side = 0; side < 2; ++side) {
    for (int n = 0; n < frames; n += lanes) store(&out[side][n], load(gain + n) * load(s.sound[side] + n));
  }
}
