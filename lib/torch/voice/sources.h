// SPDX-License-Identifier: MIT
// The sources of a voice beside its oscillators as LibTorch operations, differentiable in every continuous parameter: bodies,
// choirs and waves of the built-in tables. Strings, whose waves run round, and air, which is grains and noise, have no useful
// gradient, and are not here: tests/synth/sources_test.cpp holds their properties.
//   patch       [voices, voice_param_count]; what it asks for stands still, but for the pitch
//   increments  [voices, quanta + 1] cycles per frame of the first oscillator where each quantum begins, and where the last ends
//   returns     [voices, frames], which go into the filter
//   agree       with synth/source below -60 dB: what float32 and a cubic's images leave. A choir's partials are those of the
//               pitch at its onset, which the kernel follows every 64 quanta
#pragma once

#include <ATen/core/Tensor.h>

#include <span>

#include "synth/voice/patch_params.h"

namespace auralis::voice {

// Undefined where no patch has such sources.
at::Tensor sources_of(const at::Tensor& patch, std::span<const Note> notes, std::span<const int32_t> keys,
                      const at::Tensor& increments, int rate);

}  // namespace auralis::voice
