// SPDX-License-Identifier: MIT
// What the master parameters ask of the effects in one quantum: ramps, tap positions, filter coefficients, grains,
// resonator tunings. Made once per quantum from parameters and the absolute frame alone, then read by every Effects
// instance (one for the mix, or one for each stem), which is why stems sum to the mix.
//   smoothing   any step of a parameter becomes a glide of some 20 ms (levels, filters, rates), 200 ms (depths),
//               or a crossfade between old and new tap (delay times, room size, chords)
//   returns     delay_to_reverb and its like follow their unit's level: a return that is down feeds nothing on
//   order       advance() for quantum after quantum; tune_resonators() at any time between
#pragma once

#include <cstdint>
#include <span>

#include "model/patch.h"
#include "synth/fx/rack.h"

namespace auralis {

class EffectsControl {
 public:
  explicit EffectsControl(int rate);

  void tune_resonators(std::span<const double> pitches);  // MIDI numbers; none silences the bank
  void advance(const MasterPatch& target,
               int64_t first_frame);  // the first call takes the parameters as they are
  const ControlFrame& frame() const { return frame_; }

 private:
  double rate_;
  Smoothed params_;
  ControlFrame frame_{};
#define AURALIS_CONTROL(name, Effect) Effect::Control name##_{rate_};
  AURALIS_SENDS(AURALIS_CONTROL)
  AURALIS_INSERTS(AURALIS_CONTROL)
  AURALIS_FINISHES(AURALIS_CONTROL)
#undef AURALIS_CONTROL
  LimiterControl limiter_;
};

}  // namespace auralis
