// SPDX-License-Identifier: MIT
// A look-ahead limiter: the true peak of what leaves it stays at or below ceiling_db, and what was below it
// passes bit for bit, lookahead_frames() later. Both channels get the same gain.
//   detection   four times oversampled, as ITU-R BS.1770-4 Annex 2, with a longer interpolator
//   gain        the least of the window ahead, recovering with a time constant of 150 ms, smoothed so that it
//               reaches each minimum before the peak
//   in, out     one quantum, [left, right][frame]
#pragma once

#include <memory>

#include "synth/bus.h"
#include "synth/fx/control.h"
#include "synth/isa.h"

namespace auralis {

class Limiter {
 public:
  explicit Limiter(int rate, Isa isa = best_isa());
  ~Limiter();
  Limiter(Limiter&&) noexcept;
  Limiter& operator=(Limiter&&) noexcept;

  int lookahead_frames() const;  // a multiple of the quantum
  void process(const StereoQuantum& in, const EffectsControl& control, StereoQuantum& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auralis
