// SPDX-License-Identifier: MIT
// The instruction sets the inner loops are compiled for. Each set compiles the same source, vectors in GCC's
// extension, without fused multiply-add, so that all of them give the same bits; only the speed differs.
//   kernels_SET.cpp   compiled with that set's flags (lib/synth/CMakeLists.txt); it may only use what its own
//                     namespace holds: an inline function shared with other files could be emitted here with
//                     instructions that an older processor lacks, and be the copy that the linker keeps
//   half width        where few voices sound, vectors of eight cost less; kernel_half_avx512.cpp has them with the
//                     registers and masks of AVX-512
#pragma once

#include <string_view>

// Whether this build has the sets that are wider than the baseline.
#if defined(__x86_64__) && !defined(AURALIS_BASELINE_ALONE)
#define AURALIS_WIDE_KERNELS 1
#else
#define AURALIS_WIDE_KERNELS 0
#endif

namespace auralis {

enum class Isa { baseline, avx2, avx512 };

Isa best_isa();  // the widest that this processor and this build have
std::string_view isa_name(Isa isa);

}  // namespace auralis
