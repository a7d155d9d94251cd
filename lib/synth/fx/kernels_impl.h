// SPDX-License-Identifier: MIT
// Mixer, effects and limiter for one instruction set: compiled by kernels_SET.cpp with that set's flags.
#pragma once

#include "synth/fx/kernels.h"
#include "synth/fx/limiter/limiter_kernel.h"

namespace auralis::AURALIS_ISA {
namespace {

template <typename State, typename Frame>
AURALIS_FN void run_send(SendState<State>& s, const Frame& f, int64_t frame, const StereoQuantum& in,
                         Returns& to) {
  const bool in_quiet = quiet(in);
  if (in_quiet && s.quiet_frames >= s.memory_frames) return;
  const bool still = run(s.state, f, frame, in, to);
  s.quiet_frames = in_quiet && still ? s.quiet_frames + quantum_frames : 0;
}

void mix_layer(const Ramp (&gains)[bus_count], const StereoQuantum& layer, Buses& buses) {
#define AURALIS_BUS(name, Effect) , &buses.name
  StereoQuantum* const to[bus_count] = {&buses.dry AURALIS_SENDS(AURALIS_BUS)};
#undef AURALIS_BUS
  for (size_t i = 0; i < bus_count; ++i) {
    if (gains[i].from != 0 || gains[i].step != 0) mix(gains[i], layer, *to[i]);
  }
}

#define AURALIS_RUN(name, Effect)                            \
  [](EffectsState& s, Buses& buses, const ControlFrame& f) { \
    Returns to{buses.dry, buses.reverb};                     \
    run_send(s.name, f.name, f.first_frame, buses.name, to); \
  },
using Send = void (*)(EffectsState&, Buses&, const ControlFrame&);
constexpr Send sends[send_count] = {AURALIS_SENDS(AURALIS_RUN)};
#undef AURALIS_RUN

void run_send_number(int which, EffectsState& s, Buses& buses, const ControlFrame& f) {
  sends[which](s, buses, f);
}

void run_inserts(EffectsState& s, const ControlFrame& f, StereoQuantum& mix) {
#define AURALIS_RUN(name, Effect) run(s.name, f.name, f.first_frame, mix);
  AURALIS_INSERTS(AURALIS_RUN)
#undef AURALIS_RUN
}

void run_finishes(FinishState& s, const ControlFrame& f, StereoQuantum& mix) {
#define AURALIS_RUN(name, Effect) run(s.name, f.name, f.first_frame, mix);
  AURALIS_FINISHES(AURALIS_RUN)
#undef AURALIS_RUN
}

}  // namespace

extern const EffectsKernels effects_kernels;
const EffectsKernels effects_kernels{mix_layer, run_send_number, run_inserts, run_finishes, limit};

}  // namespace auralis::AURALIS_ISA
