// SPDX-License-Identifier: MIT
#if defined(__x86_64__)
#include "synth/voice/kernel_impl.h"
#endif
