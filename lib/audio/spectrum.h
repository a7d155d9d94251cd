// SPDX-License-Identifier: MIT
// Spectra of windows of sound.
//   power     one value a bin, 0 … frames/2, such that their sum is the mean square of the windowed sound;
//             a full-scale sine adds up to 1/2, two thirds of it in its own bin
//   bins      complex, one a bin, whose squared magnitude is that power
//   source    FFTW; Harris 1978 for the Hann window
#pragma once

#include <complex>
#include <memory>
#include <span>

namespace auralis {

class Spectrum {
 public:
  explicit Spectrum(int frames);
  ~Spectrum();
  Spectrum(Spectrum&&) noexcept;
  Spectrum& operator=(Spectrum&&) noexcept;

  int frames() const;
  // The power of frames() samples.
  std::span<const float> power(std::span<const float> samples);
  std::span<const std::complex<float>> bins(std::span<const float> samples);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auralis
