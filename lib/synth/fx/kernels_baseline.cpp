// SPDX-License-Identifier: MIT
#define AURALIS_ISA baseline
#define AURALIS_LANES 4
#include "synth/fx/kernels.inc"
