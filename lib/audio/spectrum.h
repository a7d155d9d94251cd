// SPDX-License-Identifier: MIT
// Power spectra of overlapping windows.
//   power     one value a bin, 0 … frames/2, such that their sum is the mean square of the windowed sound;
//             a full-scale sine adds up to 1/2
//   source    FFTW; Harris 1978 for the Hann window
#pragma once

#include <memory>
#include <span>

namespace auralis {

class Spectrum {
 public:
  explicit Spectrum(int frames);
  ~Spectrum();

  int frames() const;
  // The power of frames() samples.
  std::span<const float> power(std::span<const float> samples);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auralis
