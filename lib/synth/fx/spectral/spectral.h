// SPDX-License-Identifier: MIT
// Spectral freeze and smear: overlapping frames of a third of a second, of which the magnitudes last and the phases do not.
//   frames    four overlap; each bin of one is the new sound's and what is left of the bins before, all turned by a random
//             phase, so that nothing repeats and no bin rings at a pitch of its own
//   smear     what went in dies away within the time asked, to −60 dB, without echoes; a steady sound stays as loud
//   freeze    at 1 nothing goes in and nothing dies away: what sounds stays, to the bit, for as long as it is held
//   linear    the phases are a function of frame and bin alone, the same for both sides: stems sum to the mix, and the sides
//             keep what they have in common
//   lateness  a third of a second in the mean
//   source    Nasca, PaulStretch, 2006, for the random phases; Stockham's transform as in Van Loan, Computational
//             Frameworks for the Fast Fourier Transform, 1992, 1.7
#pragma once

#include <array>

#include "synth/aligned.h"
#include "synth/fx/control_math.h"
#include "synth/fx/loops.h"
#include "synth/fx/smoothed.h"
#include "synth/simd/functions.h"
#include "synth/simd/noise.h"

namespace auralis {

struct Spectral {
  static constexpr VoiceParam send = VoiceParam::spectral_send;
  static constexpr bool taken_from_dry = false;

  static constexpr int overlap = 4;

  struct Frame {
    bool on = false;
    float kept;   // of each bin, from one hop to the next
    float taken;  // of what comes in
    Ramp level;
    Ramp to_reverb;
  };

  // Numbers with an imaginary part: of both sides at once, the right one in the imaginary part.
  struct Complex {
    Aligned<float> re;
    Aligned<float> im;
  };

  // Its memory is taken when the send is first heard.
  struct State {
    explicit State(double rate);
    int64_t memory_frames() const { return 2 * size; }

    int32_t size;  // frames, a power of two
    bool open = false;
    bool holds = false;        // something above silent_below
    int16_t quanta_heard = 0;  // since it was opened, up to a hop's: so long the sound fades in
    Complex turn;              // e^(−2πi·k/size)
    Complex in;                // the last `size` frames, frame f at f modulo size
    Complex bins;
    Complex out;  // what is yet to be heard, likewise
    Complex work[2];
  };

  class Control {
   public:
    explicit Control(double rate);
    void advance(const Smoothed& params, int64_t first_frame, Frame& frame);

   private:
    double hop_s_;
    bool started_ = false;
  };
};

void take_memory(Spectral::State& state);  // all silent
void give_back(Spectral::State& state);

namespace AURALIS_ISA {
namespace {

// from → to: one stage of the transform, `stride` transforms of 2·span numbers each become twice as many of span numbers.
AURALIS_FN void stage(const Spectral::Complex& turn, int span, int stride, const Spectral::Complex& from,
                      Spectral::Complex& to) {
  const float* re = from.re.data();
  const float* im = from.im.data();
  float* to_re = to.re.data();
  float* to_im = to.im.data();
  for (int p = 0; p < span; ++p) {
    const float c = turn.re.data()[p * stride];
    const float s = turn.im.data()[p * stride];
    const int a = stride * p;
    const int b = a + stride * span;
    const auto butterfly = [&]<typename V>(int q, V) {
      const V ar = load<V>(re + a + q), ai = load<V>(im + a + q);
      const V br = load<V>(re + b + q), bi = load<V>(im + b + q);
      const V dr = ar - br, di = ai - bi;
      store(to_re + 2 * a + q, ar + br);
      store(to_im + 2 * a + q, ai + bi);
      store(to_re + 2 * a + stride + q, c * dr - s * di);
      store(to_im + 2 * a + stride + q, c * di + s * dr);
    };
    if (stride < lanes) {
      for (int q = 0; q < stride; ++q) butterfly(q, 0.0f);
    } else {
      for (int q = 0; q < stride; q += lanes) butterfly(q, F{});
    }
  }
}

// The transform of work[at], and which of the two holds it then.
AURALIS_FN int transform(Spectral::State& s, int at) {
  for (int span = s.size / 2, stride = 1; span > 0; span /= 2, stride *= 2, at = 1 - at)
    stage(s.turn, span, stride, s.work[at], s.work[1 - at]);
  return at;
}

// Hann's, at frame n of the quantum at `first`.
AURALIS_FN F window(const Spectral::State& s, int first) {
  // The second half is the first one turned round: −cos(2πn/size) there.
  const int half = s.size / 2;
  const bool rising = first < half;
  const F cosine = load<F>(s.turn.re.data() + (rising ? first : first - half));
  return 0.5f - (rising ? 0.5f : -0.5f) * cosine;
}

// The frame that ends before `frame`, with its middle at number 0, so that a bin's phase is that of the middle.
AURALIS_FN void take_frame(Spectral::State& s, int64_t frame) {
  const int mask = s.size - 1;
  const auto oldest = static_cast<int>(frame & mask);
  for (int n = 0; n < s.size; n += lanes) {
    const int from = (oldest + n) & mask;
    const int to = (n + s.size / 2) & mask;
    const F w = window(s, n);
    store(s.work[0].re.data() + to, w * load<F>(s.in.re.data() + from));
    store(s.work[0].im.data() + to, w * load<F>(s.in.im.data() + from));
  }
}

// New bins into the old; what is heard of them goes to `heard`, its parts changed over, which makes the transform inverse.
AURALIS_FN void blur(Spectral::State& s, const Spectral::Frame& f, int64_t hop,
                     const Spectral::Complex& fresh, Spectral::Complex& heard) {
  const int half = s.size / 2;
  float peak = 0;
  for (const int real : {0, half}) heard.re.data()[real] = heard.im.data()[real] = 0;
  alignas(64) float cosine[lanes];
  alignas(64) float sine[lanes];
  for (int k = 0; k < half; k += lanes) {
    const I number = (I)((U)to_whole(load<F>(iota)) + static_cast<uint32_t>(k) +
                         static_cast<uint32_t>(hop) * static_cast<uint32_t>(half));
    const F angle = white_noise(number, I{} + 0x2545f491);  // half-turns
    store(cosine, -fall_pi(0.5f - magnitude(angle)));
    store(sine, -fall_pi(angle));
    for (int lane = 0; lane < lanes; ++lane) {
      if (k + lane == 0) continue;
      for (int mirrored = 0; mirrored < 2; ++mirrored) {
        const int i = mirrored ? s.size - k - lane : k + lane;
        const float c = cosine[lane];
        const float d = mirrored ? -sine[lane] : sine[lane];
        const float xr = fresh.re.data()[i];
        const float xi = fresh.im.data()[i];
        float& re = s.bins.re.data()[i];
        float& im = s.bins.im.data()[i];
        re = settled(f.kept * re + f.taken * (c * xr - d * xi));
        im = settled(f.kept * im + f.taken * (c * xi + d * xr));
        peak = higher_of(higher_of(peak, higher_of(re, -re)), higher_of(im, -im));
        heard.im.data()[i] = c * re - d * im;
        heard.re.data()[i] = c * im + d * re;
      }
    }
  }
  s.holds = peak > silent_below * static_cast<float>(s.size / 8);
  if (s.holds) return;
  for (Spectral::Complex* all : {&s.bins, &heard}) {
    __builtin_memset(all->re.data(), 0, sizeof(float) * static_cast<size_t>(s.size));
    __builtin_memset(all->im.data(), 0, sizeof(float) * static_cast<size_t>(s.size));
  }
}

AURALIS_FN void add_frame(Spectral::State& s, int64_t frame, const Spectral::Complex& made) {
  // Frames of unrelated phases sum by power: the windows' mean squares are 3/8, and 3/2 where four overlap.
  const float scale = (4.0f / 3) / static_cast<float>(s.size);
  const int mask = s.size - 1;
  const auto first = static_cast<int>(frame & mask);
  for (int n = 0; n < s.size; n += lanes) {
    const int to = (first + n) & mask;
    const int from = (n + s.size / 2) & mask;
    const F w = scale * window(s, n);
    store(s.out.re.data() + to, load<F>(s.out.re.data() + to) + w * load<F>(made.im.data() + from));
    store(s.out.im.data() + to, load<F>(s.out.im.data() + to) + w * load<F>(made.re.data() + from));
  }
}

AURALIS_FN bool run(Spectral::State& s, const Spectral::Frame& f, int64_t frame, const StereoQuantum& in,
                    Returns& to) {
  if (!f.on) {
    if (s.open) give_back(s);
    return true;
  }
  if (!s.open) take_memory(s);
  const int64_t hop = s.size / Spectral::overlap;
  if (frame % hop == 0) {
    take_frame(s, frame);
    const int fresh = transform(s, 0);
    blur(s, f, frame / hop, s.work[fresh], s.work[1 - fresh]);
    if (s.holds) add_frame(s, frame, s.work[transform(s, 1 - fresh)]);
  }
  const auto place = static_cast<size_t>(frame & (s.size - 1));
  const bool in_quiet = quiet(in);
  // Where it is opened while something sounds, that must not begin with an edge.
  const auto hop_quanta = static_cast<int16_t>(hop / quantum_frames);
  const float rise = 1.0f / static_cast<float>(hop);
  const bool fades = s.quanta_heard < hop_quanta;
  const Ramp fade =
      fades ? Ramp{static_cast<float>(s.quanta_heard) / static_cast<float>(hop_quanta), rise} : Ramp{1, 0};
  if (fades) ++s.quanta_heard;
  alignas(64) StereoQuantum out;
  float* const ins[2] = {s.in.re.data() + place, s.in.im.data() + place};
  float* const outs[2] = {s.out.re.data() + place, s.out.im.data() + place};
  for (int side = 0; side < 2; ++side) {
    __builtin_memcpy(out[side], outs[side], sizeof out[side]);
    __builtin_memset(outs[side], 0, sizeof out[side]);
    if (in_quiet) {
      __builtin_memset(ins[side], 0, sizeof in[side]);
    } else {
      for (int n = 0; n < quantum_frames; n += lanes)
        store(ins[side] + n, at(fade, n) * load<F>(&in[side][n]));
    }
  }
  scale(f.level, out);
  mix({1, 0}, out, to.mix);
  mix(f.to_reverb, out, to.reverb);
  return !s.holds;
}

}  // namespace
}  // namespace AURALIS_ISA
}  // namespace auralis
