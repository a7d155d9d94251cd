// SPDX-License-Identifier: MIT
#include "synth/fx/kernels.h"

namespace auralis {
namespace baseline {
extern const EffectsKernels effects_kernels;
}
#if AURALIS_WIDE_KERNELS
namespace avx2 {
extern const EffectsKernels effects_kernels;
}
namespace avx512 {
extern const EffectsKernels effects_kernels;
}
#endif

const EffectsKernels& effects_kernels([[maybe_unused]] Isa isa) {
#if AURALIS_WIDE_KERNELS
  if (isa == Isa::avx512) return avx512::effects_kernels;
  if (isa == Isa::avx2) return avx2::effects_kernels;
#endif
  return baseline::effects_kernels;
}

}  // namespace auralis
