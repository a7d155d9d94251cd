// SPDX-License-Identifier: MIT
// The amplitude spectrum of a sound, through a window whose side lobes lie below -120 dB.
#pragma once

#include <fftw3.h>

#include <cmath>
#include <complex>
#include <vector>

namespace auralis::testing {

// bins[k] is the amplitude of a sine at k·rate/n; a peak is spread over ±6 bins.
inline std::vector<double> spectrum(const float* x, size_t n) {
  std::vector<float> in(n);
  double weight = 0.0;
  for (size_t i = 0; i < n; ++i) {
    const double p = 2.0 * M_PI * static_cast<double>(i) / static_cast<double>(n);
    // Seven-term Blackman–Harris: Albrecht, ICASSP 2001.
    const double w = 0.27122036 - 0.43344461 * std::cos(p) + 0.21800412 * std::cos(2 * p) -
                     0.06578534 * std::cos(3 * p) + 0.010761867 * std::cos(4 * p) -
                     0.00077001271 * std::cos(5 * p) + 0.000013680883 * std::cos(6 * p);
    in[i] = static_cast<float>(w * static_cast<double>(x[i]));
    weight += w;
  }
  std::vector<std::complex<float>> out(n / 2 + 1);
  fftwf_plan plan = fftwf_plan_dft_r2c_1d(static_cast<int>(n), in.data(),
                                          reinterpret_cast<fftwf_complex*>(out.data()), FFTW_ESTIMATE);
  fftwf_execute(plan);
  fftwf_destroy_plan(plan);
  std::vector<double> bins(out.size());
  for (size_t k = 0; k < bins.size(); ++k) bins[k] = 2.0 * static_cast<double>(std::abs(out[k])) / weight;
  return bins;
}

}  // namespace auralis::testing
