// SPDX-License-Identifier: MIT
#if defined(__x86_64__)
#include "synth/fx/kernels_impl.h"
#endif
