// SPDX-License-Identifier: MIT
// The whole of the effects for one instruction set: included by kernels_SET.cpp, which names the set and its lanes.
#include <utility>

#include "synth/fx/kernels.h"

#define AURALIS_JOIN_(a, b) a##b
#define AURALIS_JOIN(a, b) AURALIS_JOIN_(a, b)

namespace auralis {
namespace {

#include "synth/fx/lanes.inc"
//
#include "synth/fx/chorus.inc"
#include "synth/fx/cloud.inc"
#include "synth/fx/delay.inc"
#include "synth/fx/limiter.inc"
#include "synth/fx/resonators.inc"
#include "synth/fx/reverb.inc"

void run_mix(const Ramp (&gains)[bus_count], const StereoQuantum& layer, Buses& buses) {
  StereoQuantum* const to[bus_count] = {&buses.dry,    &buses.chorus, &buses.delay,
                                        &buses.reverb, &buses.cloud,  &buses.resonator};
  for (size_t i = 0; i < bus_count; ++i) {
    if (gains[i].from != 0 || gains[i].step != 0) mix(gains[i], layer, *to[i]);
  }
}

void run_effects(EffectsState& s, const Buses& buses, const ControlFrame& f, StereoQuantum& out) {
  alignas(64) StereoQuantum sum;
  alignas(64) StereoQuantum to_reverb;
  __builtin_memcpy(sum, buses.dry, sizeof sum);
  __builtin_memcpy(to_reverb, buses.reverb, sizeof to_reverb);
  chorus(s.chorus, f.chorus, f.first_frame, buses.chorus, sum);
  delay(s.delay, f.delay, f.first_frame, buses.delay, sum, to_reverb);
  cloud(s.cloud, f.cloud, f.first_frame, buses.cloud, sum, to_reverb);
  resonators(s.resonators, f.resonators, buses.resonator, sum, to_reverb);
  reverb(s.reverb, f.reverb, f.first_frame, to_reverb, sum);

  block_dc(s.dc, f.output, sum, out);
  scale(f.output.gain, out);
}

void run_limiter(LimiterState& s, const OutputFrame& f, const StereoQuantum& in, StereoQuantum& out) {
  limit(s, f, in, out);
}

}  // namespace

extern const EffectsKernels AURALIS_JOIN(effects_kernels_, AURALIS_ISA);
const EffectsKernels AURALIS_JOIN(effects_kernels_, AURALIS_ISA){run_mix, run_effects, run_limiter};

}  // namespace auralis
