// SPDX-License-Identifier: MIT
// How the energy of a whole piece is spread: over the spectrum, and between left and right.
//   in              interleaved float32, nominal ±1, one or two channels, in blocks of any size
//   spectrum        the power of both channels in Hann windows of one to two seconds that overlap by half, averaged over
//                   the piece; a bin that an edge cuts is shared out
//   third octaves   mid-bands 10^(n/10) Hz from 20 Hz to 20 kHz, edges a factor of 10^(1/20) to either side; dB of the whole
//   slopes          dB an octave, of the power per hertz: the line of least squares through the third octaves whose
//                   mid-bands lie within the range. White noise has 0, pink −3.01
//   shares          below 50 Hz in per cent of the whole; 2 to 5 kHz and above 10 kHz in dB of it
//   stereo          by band: correlation Re(L·R*) / √(|L|²·|R|²) summed over its bins, −1 … 1; and by how many dB the
//                   mean of both channels is softer than they are: 0 for the same on both sides, 3.01 for strangers
//   nothing         NaN where there is nothing to measure: in silence, in less than one window, above half the rate
//   source          IEC 61260-1:2014 for the bands; Harris 1978 for the window
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace auralis {

struct ThirdOctave {
  double mid_hz;
  double db;
};

struct StereoBand {
  std::string_view name;
  double low_hz;
  double high_hz;
  double correlation;
  double mono_loss_db;
};

inline constexpr std::array<StereoBand, 3> stereo_bands{
    {{"bass", 0, 120, 0, 0}, {"middle", 500, 4000, 0, 0}, {"all", 0, 1e9, 0, 0}}};

struct Balance {
  std::vector<ThirdOctave> third_octaves;
  double slope_db_per_octave;         // 100 Hz to 4 kHz
  double treble_slope_db_per_octave;  // 4 to 16 kHz
  double below_50_hz_percent;
  double presence_db;  // 2 to 5 kHz
  double air_db;       // above 10 kHz
  std::array<StereoBand, stereo_bands.size()> stereo;
};

class BalanceMeter {
 public:
  BalanceMeter(int rate, int channels);
  ~BalanceMeter();

  void add(std::span<const float> interleaved);
  Balance figures() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auralis
