// SPDX-License-Identifier: MIT
#if defined(__AVX2__)
#define AURALIS_ISA avx2
#define AURALIS_LANES 8
#include "synth/fx/kernels.inc"
#endif
