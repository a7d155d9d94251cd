// SPDX-License-Identifier: MIT
#include "synth/fx/kernels_impl.h"
