// SPDX-License-Identifier: MIT
// What a listener would complain of, in numbers: levels, DC, clicks, stereo, balance of the bands; and how it moves.
//   in        interleaved float32, nominal ±1, one or two channels, in blocks of any size
//   levels    dBFS (a full-scale sine has a peak of 0 and an RMS of −3.01); −infinity for silence
//   clicks    A sample that its neighbours do not predict. The residual of the fixed fourth-order predictor
//             (the fourth difference) falls by 24 dB an octave towards the lows, so that music hardly has any and
//             a step has three times its height. Peaks are taken a millisecond at a time; a click is one that
//             stands for a step of more than −66 dBFS and exceeds four times the fifth-highest other peak within
//             150 ms: not the edges of a low saw, which come again, nor noise, nor an onset with what follows it.
//   minutes   each whole minute's integrated loudness: how a piece moves from section to section
//   balance   third octaves, slopes, width by band: balance.h
//   movement  changes of the spectrum and of the level, MFCCs: timbre.h, envelope.h
//   phone     by how many LU what a phone's speaker leaves is softer than the whole: phone.h; NaN where either is silent
//   source    loudness: loudness.h; fixed predictors: Robinson, SHORTEN, Cambridge TR.156, 1994
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "audio/balance.h"
#include "audio/movement.h"

namespace auralis {

struct BandLevel {
  std::string_view name;
  double low_hz;
  double high_hz;
  double rms_dbfs;
};

// The spectrum cut into the ranges that the layers are meant for.
inline constexpr std::array<BandLevel, 6> layer_bands{{{"sub", 0, 30, 0},
                                                       {"drone", 30, 120, 0},
                                                       {"low_mid", 120, 200, 0},
                                                       {"pad", 200, 800, 0},
                                                       {"melody", 800, 4000, 0},
                                                       {"air", 4000, 1e9, 0}}};

struct AudioFigures {
  double duration_s;
  double integrated_lufs;
  double loudness_range_lu;
  std::vector<double> minutes_lufs;
  double minutes_range_lu;  // between the loudest of them and the softest; 0 for fewer than two
  double true_peak_dbtp;
  double sample_peak_dbfs;
  double rms_dbfs;
  double dc_dbfs;                // the mean of the worse channel
  double correlation;            // of left and right, −1 … 1; 1 for one channel
  double lowest_correlation;     // of any 10 s that are louder than −70 dBFS
  std::vector<double> clicks_s;  // when
  std::array<BandLevel, layer_bands.size()> bands;
  double phone_loss_lu;
  Balance balance;
  Movement movement;
};

class AudioMeter {
 public:
  AudioMeter(int rate, int channels);
  ~AudioMeter();

  void add(std::span<const float> interleaved);
  AudioFigures figures() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auralis
