// SPDX-License-Identifier: MIT
// The shape of the spectrum from moment to moment: how much it changes, and what is common to all of it.
//   in        power spectra of short windows, 40 a second (see movement.h), mean of the channels
//   bands     64 triangles, evenly apart in mel from 40 Hz to 16 kHz (or half the rate); a band in dB is at most 80 under
//             the loudest of its moment
//   change    of half-second means of the power: the bands in dB less their mean, so that level does not matter; the rms over
//             the bands of the difference to what was a second before; the median over the piece, to 0.01 dB
//   mfcc      the orthonormal cosine transform of the bands in dB, coefficients 1 to 20 (0, the level, is left out):
//             mean and standard deviation over the short windows
//   silence   what is softer than −70 dBFS is left out
//   nothing   NaN where there is nothing to measure
//   source    Stevens, Volkmann & Newman 1937 for mel, in O'Shaughnessy's form 2595·log10(1 + f/700); Davis & Mermelstein,
//             IEEE ASSP 28(4), 1980, for the coefficients
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace auralis {

inline constexpr size_t mel_bands = 64;
inline constexpr size_t mfcc_count = 20;

struct Timbre {
  double spectral_movement_db;
  std::array<double, mfcc_count> mfcc_mean;
  std::array<double, mfcc_count> mfcc_spread;
};

class TimbreMeter {
 public:
  // Spectra of windows of so many frames.
  TimbreMeter(int rate, int frames);

  void add(std::span<const float> power);
  Timbre figures() const;

 private:
  using Bands = std::array<double, mel_bands>;
  struct Triangle {
    size_t first_bin;
    std::vector<float> weights;
  };

  void add_coefficients(const Bands& power);
  void add_shape(const Bands& power);

  std::array<Triangle, mel_bands> triangles_;
  std::array<Bands, mfcc_count> cosines_;

  std::array<double, mfcc_count> sums_{};
  std::array<double, mfcc_count> squares_{};
  int64_t windows_ = 0;

  Bands recent_{};  // of the half second that is under way
  int recent_windows_ = 0;
  std::array<Bands, 2> shapes_{};  // of the last two half seconds
  std::array<bool, 2> sounded_{};  // whether they had one
  std::vector<int64_t> changes_;   // how many half seconds changed by so many hundredths of a dB
  int64_t half_seconds_ = 0;
};

}  // namespace auralis
