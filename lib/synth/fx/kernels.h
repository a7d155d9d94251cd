// SPDX-License-Identifier: MIT
// The inner loops of effects and limiter for each instruction set; all give the same bits (see synth/isa.h).
#pragma once

#include "synth/bus.h"
#include "synth/fx/control_frame.h"
#include "synth/fx/state.h"
#include "synth/isa.h"

namespace auralis {

struct EffectsKernels {
  void (*effects)(EffectsState&, const Buses&, const ControlFrame&, StereoQuantum& out);
  void (*limiter)(LimiterState&, const OutputFrame&, const StereoQuantum& in, StereoQuantum& out);
};

const EffectsKernels& effects_kernels(Isa isa);

}  // namespace auralis
