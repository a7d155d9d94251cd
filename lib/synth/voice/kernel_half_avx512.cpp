// SPDX-License-Identifier: MIT
#if defined(__x86_64__)
#define AURALIS_HALF_WIDTH
#include "synth/voice/kernel_impl.h"
#endif
