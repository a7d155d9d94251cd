// SPDX-License-Identifier: MIT
// The master effects, as rack.h lists them: the sends, then equalizer, width, DC block and gain on the whole mix; and the
// finish before the limiter: tape and dynamics.
//   buses, out     one quantum each, [left, right][frame], nominal ±1; the buses are used up
//   frame          what the parameters ask of this quantum, advanced once and shared by every instance
//   linearity      instances fed with parts of a signal sum to one fed with the whole: nothing here depends on the
//                  signal but the skipping of units that have been silent, below -180 dBFS, for all their memory
//                  The finish is not linear, and no instance's part: it has the mix
//   errors         Error{usage} for a rate outside 22050…192000
#pragma once

#include "synth/fx/control.h"
#include "synth/isa.h"

namespace auralis {

class Effects {
 public:
  explicit Effects(int rate, Isa isa = best_isa());

  void process(Buses& buses, const ControlFrame& frame, StereoQuantum& out);

  // The same in its parts, which may be made at different times: each send, in order, for quantum after quantum, then what
  // works on the whole mix, which the sends have left in buses.dry.
  void run_send(int which, Buses& buses, const ControlFrame& frame);
  void run_inserts(const ControlFrame& frame, StereoQuantum& mix);

 private:
  Isa isa_;
  EffectsState state_;
};

class Finish {
 public:
  explicit Finish(int rate, Isa isa = best_isa());

  void process(const ControlFrame& frame, StereoQuantum& mix);

 private:
  Isa isa_;
  FinishState state_;
};

}  // namespace auralis
