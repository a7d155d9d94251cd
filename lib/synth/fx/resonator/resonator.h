// SPDX-License-Identifier: MIT
// Resonator bank: up to 32 modes on the partials of the present chord.
//   modes    shared out evenly: with four pitches, eight partials each; partial h is h times as soft
//   level    a steady tone on a fundamental comes out four times as strong for one pitch, less by √pitches
//   chords   two banks: the new chord's begins silent, the old one stops listening and fades over 1.5 s; a third chord
//            within that time waits for its end
#pragma once

#include <array>
#include <span>
#include <vector>

#include "synth/fx/control_math.h"
#include "synth/fx/loops.h"
#include "synth/fx/smoothed.h"

namespace auralis {

struct Resonator {
  static constexpr VoiceParam send = VoiceParam::resonator_send;
  static constexpr bool taken_from_dry = false;

  static constexpr int modes = 32;

  // A mode is a decaying rotation: z ← (cosine + i·sine)·z + input·x, heard as its real part.
  struct Modes {
    alignas(64) float cosine[modes];
    alignas(64) float sine[modes];
    alignas(64) float input[modes];
    alignas(64) float gain[2][modes];
  };
  // Copied by the quantum: the modes of a bank that is not active stay behind.
  struct FrameBank {
    FrameBank() = default;
    FrameBank(const FrameBank& other) { *this = other; }
    FrameBank& operator=(const FrameBank& other) {
      active = other.active;
      generation = other.generation;
      listen = other.listen;
      fade = other.fade;
      if (active) tuned = other.tuned;
      return *this;
    }
    ~FrameBank() = default;

    bool active = false;
    uint32_t generation = 0;  // a change means: begin from silence
    Ramp listen{};            // input level
    Ramp fade{};              // output level
    Modes tuned;
  };
  struct Frame {
    FrameBank banks[2];
    Ramp level;
    Ramp to_reverb;
  };

  struct State {
    explicit State(double) {}
    int64_t memory_frames() const { return quantum_frames; }

    alignas(64) float real[2][modes] = {};
    alignas(64) float imaginary[2][modes] = {};
    uint32_t generation[2] = {};
  };

  class Control {
   public:
    explicit Control(double rate);
    void tune(std::span<const double> pitches);
    void advance(const Smoothed& params, int64_t first_frame, Frame& frame);

   private:
    struct Bank {
      std::vector<double> pitches;
      double listen = 0;
      double fade = 0;
    };
    void set_modes(const Bank& bank, double decay_s, FrameBank& frame) const;

    double rate_;
    std::array<Bank, 2> banks_;
    size_t current_ = 0;
    std::vector<double> wanted_;
  };
};

namespace AURALIS_ISA {
namespace {

// Lanes are modes; a sum over modes is folded in halves so that its order is the same for any width.
AURALIS_FN void ring_bank(const Resonator::FrameBank& bank, float* real, float* imaginary, const float* in,
                          float (&left)[quantum_frames][16], float (&right)[quantum_frames][16]) {
  static_assert(Resonator::modes == 32);
  for (int m = 0; m < 16; m += lanes) {
    F re[2], im[2], c[2], s[2], b[2], l[2], r[2];
    for (int half = 0; half < 2; ++half) {
      const int k = m + 16 * half;
      re[half] = load<F>(real + k);
      im[half] = load<F>(imaginary + k);
      c[half] = load<F>(bank.tuned.cosine + k);
      s[half] = load<F>(bank.tuned.sine + k);
      b[half] = load<F>(bank.tuned.input + k);
      l[half] = load<F>(bank.tuned.gain[0] + k);
      r[half] = load<F>(bank.tuned.gain[1] + k);
    }
    for (int n = 0; n < quantum_frames; ++n) {
      for (int half = 0; half < 2; ++half) {
        const F turned = (c[half] * re[half] + b[half] * in[n]) - s[half] * im[half];
        im[half] = s[half] * re[half] + c[half] * im[half];
        re[half] = turned;
      }
      store(&left[n][m], l[0] * re[0] + l[1] * re[1]);
      store(&right[n][m], r[0] * re[0] + r[1] * re[1]);
    }
    for (int half = 0; half < 2; ++half) {
      store(real + m + 16 * half, settled(re[half]));
      store(imaginary + m + 16 * half, settled(im[half]));
    }
  }
}

AURALIS_FN void fold(const float (&modes)[quantum_frames][16], float* out) {
  for (int n = 0; n < quantum_frames; n += 4) {
    Q rows[4];
    for (int i = 0; i < 4; ++i) {
      const float* row = modes[n + i];
      rows[i] = (load<Q>(row) + load<Q>(row + 8)) + (load<Q>(row + 4) + load<Q>(row + 12));
    }
    transpose(rows[0], rows[1], rows[2], rows[3]);
    store(out + n, (rows[0] + rows[1]) + (rows[2] + rows[3]));
  }
}

AURALIS_FN bool run(Resonator::State& s, const Resonator::Frame& f, int64_t, const StereoQuantum& in,
                    Returns& to) {
  for (int b = 0; b < 2; ++b) {
    if (s.generation[b] == f.banks[b].generation) continue;
    s.generation[b] = f.banks[b].generation;
    __builtin_memset(s.real[b], 0, sizeof s.real[b]);
    __builtin_memset(s.imaginary[b], 0, sizeof s.imaginary[b]);
  }
  alignas(64) StereoQuantum sum;
  clear(sum);
  for (int b = 0; b < 2; ++b) {
    const Resonator::FrameBank& bank = f.banks[b];
    if (!bank.active) continue;
    alignas(64) float mono[quantum_frames];
    for (int n = 0; n < quantum_frames; n += lanes) {
      store(mono + n, 0.5f * at(bank.listen, n) * (load<F>(&in[0][n]) + load<F>(&in[1][n])));
    }
    alignas(64) float modes[2][quantum_frames][16];
    ring_bank(bank, s.real[b], s.imaginary[b], mono, modes[0], modes[1]);
    for (int side = 0; side < 2; ++side) {
      alignas(64) float heard[quantum_frames];
      fold(modes[side], heard);
      for (int n = 0; n < quantum_frames; n += lanes) {
        store(&sum[side][n], load<F>(&sum[side][n]) + at(bank.fade, n) * load<F>(heard + n));
      }
    }
  }
  scale(f.level, sum);
  mix({1, 0}, sum, to.mix);
  mix(f.to_reverb, sum, to.reverb);
  return quiet(s.real[0], 2 * Resonator::modes) && quiet(s.imaginary[0], 2 * Resonator::modes);
}

}  // namespace
}  // namespace AURALIS_ISA
}  // namespace auralis
