// SPDX-License-Identifier: MIT
// Loudness of a programme as broadcasters measure it.
//   in        interleaved float32, nominal ±1, fed in blocks of any size
//   out       LUFS, LU, dBTP; −infinity for silence
//   source    EBU R 128, ITU-R BS.1770-4; libebur128 does the measuring
#pragma once

#include <memory>
#include <span>

namespace auralis {

class LoudnessMeter {
 public:
  enum class Of { all, integrated };  // peaks and range cost more than what is integrated
  LoudnessMeter(int rate, int channels, Of of = Of::all);
  ~LoudnessMeter();

  void add(std::span<const float> interleaved);
  double integrated_lufs() const;
  double range_lu() const;
  double true_peak_dbtp() const;  // the loudest channel, oversampled

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auralis
