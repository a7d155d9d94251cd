// SPDX-License-Identifier: MIT
// The limiter's inner loops. With L the look-ahead, n the frame that comes in, n − L the frame that goes out, and D half the interpolator's taps:
//   detector   the true peak about frame m is known at m + D, once all taps have passed
//   hold       the least gain wanted in the last L + 64 frames
//   release    recovers towards a little over 1, so that 1 is reached
//   smooth     four moving averages in a row, L/2, L/4, L/8 and L/16 long: S = 15/16·L − 3 in all
// so that the gain on frame t is at or below what every peak from t − D to t + D wants: the newest of them is known at
// t + 2·D, when S − 1 frames of averaging still lie ahead of t + L, as S + 2·D − 1 ≤ L; the oldest is still held then, as
// L + D is less than L + 64. Sums of halves of ones are exact: where nothing was above the ceiling the gain is 1 to the bit.
#pragma once

#include "synth/fx/limiter/limiter.h"
#include "synth/fx/loops.h"

namespace auralis::AURALIS_ISA {
namespace {

AURALIS_FN void shift(float* history, int length) {
  __builtin_memmove(history, history + quantum_frames,
                    sizeof(float) * static_cast<size_t>(length - quantum_frames));
}

// x[n] ← the least of x[0 … n], or, looking ahead, of x[n … 63]; by doubling.
AURALIS_FN void spread_least(float* x, bool ahead) {
  alignas(64) float padded[3 * quantum_frames];
  for (float& neutral : padded) neutral = 1;
  float* here = padded + quantum_frames;
  __builtin_memcpy(here, x, sizeof(float) * quantum_frames);
  for (int reach = 1; reach < quantum_frames; reach *= 2) {
    for (int i = 0; i < quantum_frames; i += lanes) {
      const int n = ahead ? i : quantum_frames - lanes - i;
      store(here + n, lower_of(load<F>(here + n), load<F>(here + n + (ahead ? reach : -reach))));
    }
  }
  __builtin_memcpy(x, here, sizeof(float) * quantum_frames);
}

inline constexpr int longest_reach = most_limiter_lookahead / 4;

// x ← its mean over `window` values, by doubling: each step adds what lies `reach` behind, from the quantum or from the
// past. Takes window − 1 floats of the past, the steps' one after the other, and answers where the next begins.
AURALIS_FN float* average(float* x, float* past, int window) {
  alignas(64) float padded[longest_reach + quantum_frames];
  float* now = padded + longest_reach;
  __builtin_memcpy(now, x, sizeof(float) * quantum_frames);
  for (int reach = 1; reach < window; reach *= 2) {
    const auto bytes = sizeof(float) * static_cast<size_t>(reach);
    __builtin_memcpy(now - reach, past, bytes);
    __builtin_memcpy(past, now + quantum_frames - reach, bytes);
    for (int n = quantum_frames - lanes; n >= 0; n -= lanes)
      store(now + n, 0.5f * (load<F>(now + n) + load<F>(now + n - reach)));
    past += reach;
  }
  __builtin_memcpy(x, now, sizeof(float) * quantum_frames);
  return past;
}

template <int taps>
AURALIS_FN void detect(const LimiterState& s, const Ramp& ceiling, float* wanted) {
  for (int n = 0; n < quantum_frames; n += lanes) {
    F peak{};
    for (int side = 0; side < 2; ++side) {
      const float* x = s.detector[side].data() + detector_history - (taps - 1) + n;
      // Between the two middle taps lie the phases ¼, ½ and ¾; the first of the two is phase 0.
      const F centre = load<F>(x + taps / 2 - 1);
      F sum[detector_phases] = {};
      for (int k = 0; k < taps; ++k) {
        const F v = load<F>(x + k);
        for (int phase = 0; phase < detector_phases; ++phase) sum[phase] += s.interpolator[phase][k] * v;
      }
      peak = higher_of(peak, higher_of(centre, -centre));
      for (const F& v : sum) peak = higher_of(peak, higher_of(v, -v));
    }
    const F limit = at(ceiling, n) * 0.999999f;  // the gain times the peak may round up
    store(wanted + n, peak > limit ? limit / peak : F{} + 1.0f);
  }
}

AURALIS_FN void limit(LimiterState& s, const LimiterFrame& f, const StereoQuantum& in, StereoQuantum& out) {
  const int lookahead = s.lookahead;
  float peak = 0;
  for (int side = 0; side < 2; ++side) {
    shift(s.sound[side].data(), lookahead + quantum_frames);
    __builtin_memcpy(s.sound[side].data() + lookahead, in[side], sizeof in[side]);
    shift(s.detector[side].data(), detector_history + quantum_frames);
    __builtin_memcpy(s.detector[side].data() + detector_history, in[side], sizeof in[side]);
    F most_here{};
    for (int n = 0; n < detector_history + quantum_frames; n += lanes) {
      const F x = load<F>(s.detector[side].data() + n);
      most_here = higher_of(most_here, higher_of(x, -x));
    }
    for (int lane = 0; lane < lanes; ++lane) peak = higher_of(peak, most_here[lane]);
  }

  alignas(64) float gain[quantum_frames];
  const float lowest_ceiling = lower_of(at_frame(f.ceiling, 0), at_frame(f.ceiling, quantum_frames - 1));
  const bool soft = peak * s.interpolator_gain <= lowest_ceiling;
  if (soft) {
    for (float& wanted : gain) wanted = 1;
  } else if (s.taps == detector_taps) {
    detect<detector_taps>(s, f.ceiling, gain);
  } else {
    detect<most_detector_taps>(s, f.ceiling, gain);
  }

  // Held is the least of what the oldest quantum has left, of those between, and of this one so far.
  const int quanta = lookahead / quantum_frames + 1;
  s.newest = (s.newest + 1) % quanta;
  float* newest = s.to_come.data() + s.newest * to_come_row;
  alignas(64) float left[quantum_frames];
  __builtin_memcpy(left, newest + 1, sizeof left);
  __builtin_memcpy(newest, gain, sizeof gain);
  if (!soft) {
    spread_least(newest, true);
    spread_least(gain, false);
  }
  float between = 1;
  for (int i = 0; i < quanta; ++i) {
    if (i != s.newest) between = lower_of(between, s.to_come.data()[i * to_come_row]);
  }
  for (int n = 0; n < quantum_frames; n += lanes)
    store(gain + n, lower_of(lower_of(load<F>(left + n), load<F>(gain + n)), F{} + between));

  const bool open = s.gain == 1 && gain[0] == 1 && gain[quantum_frames - 1] == 1;
  s.open_frames = open ? s.open_frames + quantum_frames : 0;
  if (s.open_frames > lookahead) {  // all that is averaged is 1
    for (int side = 0; side < 2; ++side) __builtin_memcpy(out[side], s.sound[side].data(), sizeof out[side]);
    return;
  }
  constexpr float beyond = 1.001f;
  const float kept = 1 - s.release;
  const float gained = s.release * beyond;
  for (float& g : gain) g = s.gain = lower_of(g, kept * s.gain + gained);
  float* past = s.past.data();
  for (int window = lookahead / 2; window >= lookahead / 16; window /= 2) past = average(gain, past, window);
  for (int side = 0; side < 2; ++side) {
    for (int n = 0; n < quantum_frames; n += lanes)
      store(&out[side][n], load<F>(gain + n) * load<F>(s.sound[side].data() + n));
  }
}

}  // namespace
}  // namespace auralis::AURALIS_ISA
