// SPDX-License-Identifier: MIT
// Tape, on the whole mix: its speed wavers (wow below 1 Hz, flutter above 5 Hz), loud sound saturates, and it hisses.
//   speed        three oscillators each, whose rates have no common period; together at most as many cents as asked
//   lateness     what passes is 0.4 ms late, and 0.2 ms more for each cent of wow; off it is not late at all
//   saturation   the curve of tanh without gain for what is soft, four times oversampled; what lies above a third of the
//                Nyquist frequency saturates less and less
//   hiss         a function of the frame alone; rises by some dB towards high frequencies
//   off          with nothing asked the mix passes bit for bit
#pragma once

#include <array>

#include "synth/fx/control_math.h"
#include "synth/fx/ring.h"
#include "synth/fx/smoothed.h"
#include "synth/simd/noise.h"

namespace auralis {

struct Tape {
  static constexpr std::array slow{MasterParam::tape_wow_cents, MasterParam::tape_flutter_cents,
                                   MasterParam::tape_drive_db};

  static constexpr int over = 4;     // samples to a frame, where it saturates
  static constexpr int taps = 16;    // of each phase of the filters there
  static constexpr int late = taps;  // frames, of both filters
  static constexpr int history = 2 * taps;

  struct Frame {
    bool on = false;
    Ramp wet;
    Tap tap;
    bool saturates = false;
    Ramp drive;   // into the curve
    Ramp makeup;  // out of it
    Ramp saturated;
    Ramp hiss;
  };

  struct State {
    explicit State(double rate);

    bool used = false;
    int64_t quiet_frames = 0;
    Ring rings[2];
    float filter[over][taps];                                        // low-pass on both ways, by phase
    alignas(64) float before[2][history + quantum_frames] = {};      // into the curve, oldest first
    alignas(64) float made[2][over][history + quantum_frames] = {};  // what the curve adds, by phase
  };

  class Control {
   public:
    explicit Control(double rate) : rate_(rate), presence_(rate) {}
    void advance(const Smoothed& params, int64_t first_frame, Frame& frame);

   private:
    double lateness(const Smoothed& params, int64_t frame) const;  // frames

    double rate_;
    bool started_ = false;
    Presence presence_;
    double late_ = 0;  // frames, at the end of the quantum
    Derived drive_;
    Derived makeup_;
    Derived saturated_;
    Derived hiss_;
  };
};

namespace AURALIS_ISA {
namespace {

// As read() of ring.h, by a fifth-order interpolator, which keeps more of the top.
AURALIS_FN void read_fine(const Ring& ring, int64_t frame, const Tap& tap, float* out) {
  constexpr int nodes = 6;
  const float* data = ring.memory.data();
  const auto here = static_cast<int32_t>(frame & ring.mask) - tap.base - 3;
  for (int n = 0; n < quantum_frames; n += lanes) {
    const F offset = tap.from + tap.step * load<F>(iota + n);
    const I whole = to_whole(offset);
    F x[nodes];  // oldest first
    if (whole[0] == whole[lanes - 1]) {
      const float* oldest = data + ((here + n - whole[0]) & ring.mask);
      for (int k = 0; k < nodes; ++k) x[k] = load<F>(oldest + k);
    } else {
      alignas(64) float row[nodes][lanes];
      for (int lane = 0; lane < lanes; ++lane) {
        const float* oldest = data + ((here + n + lane - whole[lane]) & ring.mask);
        for (int k = 0; k < nodes; ++k) row[k][lane] = oldest[k];
      }
      for (int k = 0; k < nodes; ++k) x[k] = load<F>(row[k]);
    }
    // Between x[3], at 0, and x[2], at 1.
    const F f = offset - to_float(whole);
    const F a = f + 2.0f, b = f + 1.0f, c = f - 1.0f, d = f - 2.0f, e = f - 3.0f;
    const F ab = a * b, de = d * e, fc = f * c;
    F sum = (ab * fc * d * (1.0f / 120)) * x[0];
    sum += (ab * fc * e * (-1.0f / 24)) * x[1];
    sum += (ab * f * de * (1.0f / 12)) * x[2];
    sum += (ab * c * de * (-1.0f / 12)) * x[3];
    sum += (a * fc * de * (1.0f / 24)) * x[4];
    sum += (b * fc * de * (-1.0f / 120)) * x[5];
    store(out + n, sum);
  }
}

// tanh(x), by Padé's approximant of order 7; 1 to a thousandth from 4.97 on.
AURALIS_FN F saturated(F x) {
  x = clamped(settled(x), -4.97f, 4.97f);
  const F w = x * x;
  return x * (135135.0f + w * (17325.0f + w * (378.0f + w))) /
         (135135.0f + w * (62370.0f + w * (3150.0f + w * 28.0f)));
}

template <typename T, size_t size>
AURALIS_FN void shift_by_quantum(T (&x)[size]) {
  __builtin_memmove(x, x + quantum_frames, sizeof(T) * (size - quantum_frames));
}

// x, 16 frames later and with what the curve adds to it.
AURALIS_FN void saturate(Tape::State& s, const Tape::Frame& f, int side, float* x) {
  auto& before = s.before[side];
  auto& made = s.made[side];
  shift_by_quantum(before);
  __builtin_memcpy(before + Tape::history, x, sizeof(float) * quantum_frames);
  for (auto& phase : made) shift_by_quantum(phase);
  for (int n = 0; n < quantum_frames; n += lanes)
    store(x + n, load<F>(before + Tape::history + n - Tape::late));
  if (!f.saturates) {
    for (auto& phase : made) __builtin_memset(phase + Tape::history, 0, sizeof(float) * quantum_frames);
  } else {
    for (int n = 0; n < quantum_frames; n += lanes) {
      const F drive = at(f.drive, n);
      const F makeup = at(f.makeup, n);
      const F share = at(f.saturated, n);
      for (int phase = 0; phase < Tape::over; ++phase) {
        F v{};
        for (int k = 0; k < Tape::taps; ++k)
          v += (Tape::over * s.filter[phase][k]) * load<F>(before + Tape::history + n - k);
        store(made[phase] + Tape::history + n, share * (makeup * saturated(drive * v) - v));
      }
    }
  }
  // Tap 4k + j meets the sample 4k + j before the frame's first: phase 4 − j of the frame before, for j > 0.
  for (int n = 0; n < quantum_frames; n += lanes) {
    F sum = load<F>(x + n);
    for (int k = 0; k < Tape::taps; ++k) {
      sum += s.filter[0][k] * load<F>(made[0] + Tape::history + n - k);
      for (int j = 1; j < Tape::over; ++j)
        sum += s.filter[j][k] * load<F>(made[Tape::over - j] + Tape::history + n - k - 1);
    }
    store(x + n, sum);
  }
}

AURALIS_FN void hiss(const Ramp& gain, int64_t frame, StereoQuantum& mix) {
  if (gain.from == 0 && gain.step == 0) return;
  constexpr int32_t keys[2] = {0x5bd1e995, 0x1b873593};
  constexpr float before = 0.5f;       // what is taken of the sample before
  constexpr float scale = 1.5491933f;  // to an rms of 1: √(3 / (1 + ½²))
  const auto first = static_cast<uint32_t>(frame);
  for (int side = 0; side < 2; ++side) {
    for (int n = 0; n < quantum_frames; n += lanes) {
      const I here = (I)((U)to_whole(load<F>(iota + n)) + first);
      const I key = I{} + keys[side];
      const F noise = white_noise(here, key) - before * white_noise(here - 1, key);
      store(&mix[side][n], load<F>(&mix[side][n]) + at(gain, n) * scale * noise);
    }
  }
}

AURALIS_FN void forget(Tape::State& s) {
  for (Ring& ring : s.rings)
    __builtin_memset(ring.memory.data(), 0, sizeof(float) * static_cast<size_t>(ring.mask + 1 + ring_margin));
  __builtin_memset(s.before, 0, sizeof s.before);
  __builtin_memset(s.made, 0, sizeof s.made);
  s.used = false;
}

AURALIS_FN void run(Tape::State& s, const Tape::Frame& f, int64_t frame, StereoQuantum& mix) {
  if (!f.on && s.used) forget(s);
  s.quiet_frames = f.on && quiet(mix) ? s.quiet_frames + quantum_frames : 0;
  const bool asleep = s.quiet_frames > s.rings[0].mask + 1 + Tape::history;
  for (int side = 0; side < 2 && f.on && !asleep; ++side) {
    alignas(64) float x[quantum_frames];
    write(s.rings[side], frame, mix[side]);
    read_fine(s.rings[side], frame, f.tap, x);
    saturate(s, f, side, x);
    crossfade(f.wet, x, mix[side]);
    s.used = true;
  }
  hiss(f.hiss, frame, mix);
}

}  // namespace
}  // namespace AURALIS_ISA
}  // namespace auralis
