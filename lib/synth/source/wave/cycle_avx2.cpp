// SPDX-License-Identifier: MIT
#if defined(__x86_64__)
#include "synth/source/wave/cycle_impl.h"
#endif
