// SPDX-License-Identifier: MIT
// All notes of a piece, and of many pieces, side by side on a CUDA device: each a thread, in its own time, from its
// onset until it has died away; no voice is stolen. Only where the build has CUDA.
//   tracks    a layer of a piece: its patches in order, each from a quantum on, and the output its notes add to
//   returns   [outputs, left and right, quanta · 64] float32 on the device, without fader, effects or limiter
//   memory    what is returned, 4 KB a note of up to 131,072 at a time, and up to 4 GiB for what they play, less where
//             the device has less free: fewer then play at a time
//   same      the sum of a track's notes has a fixed order: the same notes give the same bits on the same device, however
//             much of its memory is free
//   errors    Error{environment} where the device has too little memory or fails; Error{usage} for a track that moves by
//             routes, whose rows the device does not work out: the renderer plays it, on any device
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <span>
#include <string>
#include <vector>

#include "synth/voice/patch_params.h"

namespace auralis::voice {

struct Track {
  struct From {
    int64_t quantum;
    Patch patch;
    Modulation modulation{};  // none: see errors
  };
  std::string layer;
  int output = 0;
  std::vector<From> patches;  // the first not after the first note
};

struct TrackNote {
  int track = 0;
  int64_t quantum = 0;  // of its onset
  Note note;
};

at::Tensor play_notes(std::span<const Track> tracks, std::span<const TrackNote> notes, int outputs,
                      int64_t quanta, int rate, c10::Device device);

}  // namespace auralis::voice
