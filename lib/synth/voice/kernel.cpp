// SPDX-License-Identifier: MIT
#include "synth/voice/kernel.h"

namespace auralis {
namespace baseline {
extern const voice::Kernel voice_kernel;
}
#if AURALIS_WIDE_KERNELS
namespace avx2 {
extern const voice::Kernel voice_kernel;
}
namespace avx512 {
extern const voice::Kernel voice_kernel;
}
namespace avx512_half {
extern const voice::Kernel voice_kernel;
}
#endif

namespace voice {

Kernel kernel([[maybe_unused]] Isa isa) {
#if AURALIS_WIDE_KERNELS
  if (isa == Isa::avx512) {
    return {avx512::voice_kernel.advance, avx512::voice_kernel.advance_unison,
            avx512::voice_kernel.step_levels, avx512::voice_kernel.sound,
            avx512_half::voice_kernel.sound_few};
  }
  if (isa == Isa::avx2) return avx2::voice_kernel;
#endif
  return baseline::voice_kernel;
}

}  // namespace voice
}  // namespace auralis
