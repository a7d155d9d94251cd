// SPDX-License-Identifier: MIT
// The inner loops of mixer, effects and limiter for each instruction set; all give the same bits (see synth/isa.h).
#pragma once

#include "synth/fx/rack.h"
#include "synth/isa.h"

namespace auralis {

struct EffectsKernels {
  void (*mix)(const Ramp (&gains)[bus_count], const StereoQuantum& layer, Buses&);  // adds to each bus
  void (*send)(int which, EffectsState&, Buses&, const ControlFrame&);  // from its bus to where it returns
  void (*inserts)(EffectsState&, const ControlFrame&, StereoQuantum& mix);
  void (*finish)(FinishState&, const ControlFrame&, StereoQuantum& mix);
  void (*limiter)(LimiterState&, const LimiterFrame&, const StereoQuantum& in, StereoQuantum& out);
};

const EffectsKernels& effects_kernels(Isa isa);

}  // namespace auralis
