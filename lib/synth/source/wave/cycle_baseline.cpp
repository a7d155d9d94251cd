// SPDX-License-Identifier: MIT
#include "synth/source/wave/cycle_impl.h"
