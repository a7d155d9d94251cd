// SPDX-License-Identifier: MIT
// How much of a piece a phone's speaker leaves, as loudness.
//   in        interleaved float32, nominal ±1, in blocks of any size
//   speaker   a Butterworth high-pass of the eighth order: −3 dB at 350 Hz, −11 at 300, 48 dB an octave below
//   out       LUFS of what comes through it, gated as the whole is; −infinity for silence
//   source    filters: Zölzer, Digital Audio Signal Processing, 2nd ed., ch. 5; loudness: loudness.h
#pragma once

#include <array>
#include <span>
#include <vector>

#include "audio/loudness.h"

namespace auralis {

class PhoneMeter {
 public:
  PhoneMeter(int rate, int channels);

  void add(std::span<const float> interleaved);
  double integrated_lufs() const { return loudness_.integrated_lufs(); }

 private:
  static constexpr size_t sections = 4;
  // Of the second order, its numerator gain·(1 − z⁻¹)², in the transposed direct form.
  struct Section {
    double gain;
    double a1;
    double a2;
  };
  struct State {
    double first = 0.0;
    double second = 0.0;
  };

  size_t channels_;
  std::array<Section, sections> sections_;
  std::vector<std::array<State, sections>> states_;  // of each channel
  std::vector<float> through_;
  LoudnessMeter loudness_;
};

}  // namespace auralis
