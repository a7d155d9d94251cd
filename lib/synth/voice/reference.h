// SPDX-License-Identifier: MIT
// The reference voice: whole notes from a patch, in LibTorch operations on any device, differentiable.
//   patch     [voices, voice_param_count], in the units of core/patch.h; gradients reach every continuous
//             parameter that shapes a voice (levels and sends of the layer belong to the mixer)
//   notes     one per voice, all in one block that begins with the quantum of the first onset
//   returns   [voices, left and right, frames], in the patch's float type
//   control   slow signals are computed every control_frames, a divisor of the quantum, and go in straight lines
//             between; at each quantum, as in the fused kernel, this agrees with it below -90 dB; at every frame, it is
//             the ideal that the kernel comes near
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <string_view>

#include "synth/voice/patch_params.h"

namespace auralis::voice {

at::Tensor reference_voice(const at::Tensor& patch, std::span<const Note> notes, std::string_view layer_name,
                           int rate, int64_t frames, int64_t control_frames = quantum_frames);

}  // namespace auralis::voice
