// SPDX-License-Identifier: MIT
#include "synth/fx/kernels.h"

namespace auralis {

extern const EffectsKernels effects_kernels_baseline;
extern const EffectsKernels effects_kernels_avx2;
extern const EffectsKernels effects_kernels_avx512;

const EffectsKernels& effects_kernels(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::avx512) return effects_kernels_avx512;
  if (isa == Isa::avx2) return effects_kernels_avx2;
#else
  (void)isa;
#endif
  return effects_kernels_baseline;
}

}  // namespace auralis
