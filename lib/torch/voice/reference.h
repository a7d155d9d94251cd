// SPDX-License-Identifier: MIT
// The reference voice: whole notes from a patch, in LibTorch operations on any device, differentiable.
//   patch     [voices, voice_param_count], in the units of model/patch.h; gradients reach every continuous
//             parameter that shapes a voice (levels and sends of the layer belong to the mixer; strings and air, which have
//             no useful gradient, are silent here: see sources.h)
//   notes     one per voice, all in one block that begins with the quantum of the first onset
//   returns   [voices, left and right, frames], in the patch's float type
//   slow      control is worked out at every frame; as_kernel takes of it what the fused kernel does, each quantum's
//             ends and a straight line between, but every frame where a stage is too fast for that, and agrees with it below
//             -90 dB; every_frame is the ideal that the kernel comes near
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <string_view>

#include "synth/voice/patch_params.h"

namespace auralis::voice {

enum class Slow { as_kernel, every_frame };

at::Tensor reference_voice(const at::Tensor& patch, std::span<const Note> notes, std::string_view layer_name,
                           int rate, int64_t frames, Slow slow = Slow::as_kernel);

}  // namespace auralis::voice
