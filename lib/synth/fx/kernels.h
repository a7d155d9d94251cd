// SPDX-License-Identifier: MIT
// The inner loops of mixer, effects and limiter for each instruction set; all give the same bits (see synth/isa.h).
#pragma once

#include "synth/bus.h"
#include "synth/fx/control_frame.h"
#include "synth/fx/state.h"
#include "synth/isa.h"

namespace auralis {

struct EffectsKernels {
  void (*mix)(const Ramp (&gains)[bus_count], const StereoQuantum& layer, Buses&);  // adds to each bus
  void (*effects)(EffectsState&, const Buses&, const ControlFrame&, StereoQuantum& out);
  void (*limiter)(LimiterState&, const OutputFrame&, const StereoQuantum& in, StereoQuantum& out);
};

const EffectsKernels& effects_kernels(Isa isa);

}  // namespace auralis
