// SPDX-License-Identifier: MIT
#include "synth/source/wave/cycle.h"

namespace auralis {
namespace baseline {
extern const source::CycleKernel cycle_kernel;
}
#if AURALIS_WIDE_KERNELS
namespace avx2 {
extern const source::CycleKernel cycle_kernel;
}
#endif

const source::CycleKernel& source::cycle_kernel([[maybe_unused]] Isa isa) {
#if AURALIS_WIDE_KERNELS
  if (isa != Isa::baseline) return avx2::cycle_kernel;
#endif
  return baseline::cycle_kernel;
}

}  // namespace auralis
