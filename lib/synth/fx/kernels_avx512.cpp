// SPDX-License-Identifier: MIT
#if defined(__AVX512F__)
#define AURALIS_ISA avx512
#define AURALIS_LANES 16
#include "synth/fx/kernels.inc"
#endif
