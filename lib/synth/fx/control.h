// SPDX-License-Identifier: MIT
// What the master parameters ask of the effects in one quantum: ramps, tap positions, filter coefficients,
// grains, resonator tunings. Made once per quantum from parameters and the absolute frame alone, then read by
// every Effects instance (one for the mix, or one for each stem), which is why stems sum to the mix.
//   smoothing   any step of a parameter becomes a glide of some 20 ms (levels, filters, rates), 200 ms
//   (depths),
//               or a crossfade between old and new tap (delay times, room size, chords)
//   order       advance() for quantum after quantum; tune_resonators() at any time between
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/patch.h"

namespace auralis {

struct ControlFrame;

class EffectsControl {
 public:
  explicit EffectsControl(int rate);
  ~EffectsControl();

  void tune_resonators(std::span<const double> pitches);  // MIDI numbers; none silences the bank
  void advance(const MasterPatch& target,
               int64_t first_frame);  // the first call takes the parameters as they are
  const ControlFrame& frame() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auralis
