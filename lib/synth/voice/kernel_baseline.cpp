// SPDX-License-Identifier: MIT
#include "synth/voice/kernel_impl.h"
