// SPDX-License-Identifier: MIT
// How far one sound is from another, as far as an ear could tell.
//   nmse_db      energy of the difference over that of the reference
//   band_db      the greatest difference of level in any ERB band of any 23 ms, where the reference is within 40 dB of
//                its loudest moment and the band within 30 dB of the moment's loudest band; 1 dB is about the least
//                that is heard
//   onset_ms     how much later a tenth of the first 100 ms' energy has been heard
//   source       Glasberg & Moore, Derivation of auditory filter shapes from notched-noise data, Hear. Res. 47, 1990
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "synth/fx/rig.h"

namespace auralis::testing {

struct Difference {
  double nmse_db, band_db, onset_ms;
};

namespace difference {

inline std::vector<double> band_powers(const std::vector<float>& x, size_t from, size_t length, double rate) {
  const std::vector<double> bins = test::power_spectrum(x, from, length);
  std::vector<double> bands;
  const auto bin_of = [&](double erb) {  // the frequency that many ERBs up
    return (std::pow(10.0, erb / 21.4) - 1.0) / 0.00437 * static_cast<double>(length) / rate;
  };
  size_t next = 1;
  for (double erb = 1.0; next < bins.size(); erb += 1.0) {
    const size_t to = std::min(bins.size(), static_cast<size_t>(bin_of(erb)));
    if (to < next + 2) continue;  // no narrower than the window can tell
    double sum = 0.0;
    for (; next < to; ++next) sum += bins[next];
    bands.push_back(sum);
  }
  return bands;
}

inline double onset_s(const std::vector<float>& x, double rate) {
  const size_t frames = std::min(x.size(), static_cast<size_t>(0.1 * rate));
  const double tenth = 0.1 * test::power(x, 0, frames) * static_cast<double>(frames);
  double sum = 0.0;
  for (size_t n = 0; n < frames; ++n) {
    const double here = static_cast<double>(x[n]) * x[n];
    if (sum + here >= tenth) return (static_cast<double>(n) + (tenth - sum) / here) / rate;
    sum += here;
  }
  return 0.0;
}

}  // namespace difference

inline Difference difference_of(const std::vector<float>& sound, const std::vector<float>& reference,
                                double rate) {
  double error = 0.0, energy = 0.0;
  for (size_t n = 0; n < reference.size(); ++n) {
    error += std::pow(static_cast<double>(sound[n]) - static_cast<double>(reference[n]), 2.0);
    energy += std::pow(static_cast<double>(reference[n]), 2.0);
  }
  constexpr size_t length = 1024;
  std::vector<std::vector<double>> heard, ideal;
  double loudest = 0.0;
  for (size_t from = 0; from + length <= reference.size(); from += length / 2) {
    heard.push_back(difference::band_powers(sound, from, length, rate));
    ideal.push_back(difference::band_powers(reference, from, length, rate));
    loudest = std::max(loudest, *std::max_element(ideal.back().begin(), ideal.back().end()));
  }
  double band_db = 0.0;
  for (size_t i = 0; i < ideal.size(); ++i) {
    const double here = *std::max_element(ideal[i].begin(), ideal[i].end());
    if (here < 1e-4 * loudest) continue;
    for (size_t band = 0; band < ideal[i].size(); ++band) {
      if (ideal[i][band] < 1e-3 * here) continue;
      band_db = std::max(band_db, std::abs(10.0 * std::log10(heard[i][band] / ideal[i][band])));
    }
  }
  return {10.0 * std::log10(error / energy), band_db,
          1000.0 * (difference::onset_s(sound, rate) - difference::onset_s(reference, rate))};
}

}  // namespace auralis::testing
