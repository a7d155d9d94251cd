// SPDX-License-Identifier: MIT
// How the level of an octave, and of the whole, goes up and down: how much, how regularly, and whether it comes again.
//   in          power spectra of short windows, 40 a second (see movement.h), mean of the channels
//   envelope    the square root of a band's power, window after window
//   modulation  stretches of 40 s that overlap by half, each relative to its own mean, Hann, transformed: bins 0.025 Hz
//               apart. Of 0.2 to 10 Hz, averaged as power over the stretches: the rms of all (a sine of depth m has
//               m/√2), and the largest bin as the depth of the sine that it stands for. The windows pass 0.99 of a
//               modulation of 1.5 Hz, 0.91 of one of 5 Hz and 0.67 of one of 10 Hz. In per cent
//   line        the same of the bin that stands highest over the median of those within 0.2 Hz of it, less that median, where
//               it is more than 1 + 9/√n times as large, n stretches, which chance hardly makes of noise: what beats at one
//               rate, time after time. 0 where no bin is
//   period      the autocorrelation r of the envelope in steps of a tenth of a second, for lags of 2 to 60 s and at most a
//               third of the piece: the highest r that stands out, counted from zero or from the lowest r before it,
//               whichever is the higher. What drifts falls from 1 and returns at no lag: 0; what a slow
//               oscillator moves has 1 at its period. What never returns by chance either has about 1/√n in a piece of n
//               independent swings
//   silence     stretches in which a band is softer than −90 dBFS tell nothing
//   nothing     NaN in less than a stretch, or, for the period, in less than 6 s
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "audio/spectrum.h"

namespace auralis {

struct Envelope {
  double low_hz;
  double high_hz;
  double level_db;  // of the whole
  double am_percent;
  double largest_am_percent;
  double largest_am_hz;
  double line_am_percent;
  double line_am_hz;  // NaN where there is none
  double period_correlation;
  double period_s;  // NaN where nothing stands out
};

// The autocorrelation of values that come one after the other, up to a longest lag, in memory of that size.
class Autocorrelation {
 public:
  explicit Autocorrelation(size_t longest_lag);

  void add(double value);
  // From lag 0 on, at most to a third of the values' number; 0 where the values do not vary.
  std::vector<double> figures() const;

 private:
  size_t longest_;
  std::vector<double> first_;     // the first values, one fewer than the longest lag's
  std::vector<double> last_;      // a ring of the last ones
  std::vector<double> products_;  // of each lag
  double sum_ = 0.0;
  size_t count_ = 0;
};

// Of one band.
class EnvelopeTrack {
 public:
  explicit EnvelopeTrack(double rate_hz);

  void add(double power);
  // With the levels and edges left as they are.
  void measure(Envelope& envelope) const;
  double mean_power() const;

 private:
  void add_stretch();
  void measure_line(size_t first, size_t end, Envelope& envelope) const;

  double rate_hz_;
  std::vector<float> stretch_;
  std::vector<float> relative_;
  Spectrum spectrum_;
  std::vector<double> modulation_;  // power of each bin, summed over the stretches
  int64_t stretches_ = 0;
  Autocorrelation autocorrelation_;
  double tenth_power_ = 0.0;
  int tenth_windows_ = 0;
  double power_sum_ = 0.0;
  int64_t windows_ = 0;
};

class EnvelopeMeter {
 public:
  // Spectra of windows of so many frames, so many a second.
  EnvelopeMeter(int rate, int frames, double windows_hz);

  void add(std::span<const float> power);
  // Octaves from 31.25 Hz to 16 kHz, then the whole.
  std::vector<Envelope> figures() const;

 private:
  struct Band {
    double low_hz;
    double high_hz;
    size_t first_bin;
    size_t end_bin;
    EnvelopeTrack track;
  };
  std::vector<Band> bands_;
};

}  // namespace auralis
