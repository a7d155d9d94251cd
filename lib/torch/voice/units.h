// SPDX-License-Identifier: MIT
// The voice's units as LibTorch operations: any device, any float type, differentiable in every continuous input.
// The fused kernel (kernel_impl.h) does the same arithmetic; tests hold the two together.
//   signals    [voices, frames]; phases in cycles, not necessarily wrapped
//   loops      no unit loops over frames: the filter is a parallel prefix scan of its frames' linear maps. One that rings by
//              itself does, since its damping hangs on what it holds
//   source     Blelloch, Prefix Sums and Their Applications, CMU-CS-90-190, 1990 (linear recurrences as scans);
//              Hillis & Steele, CACM 29(12), 1986; the units' own sources are named in synth/simd
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "synth/voice/state.h"

namespace auralis::voice {

// One of several oscillators in place of the first: how far it is ahead of that, and its gains.
struct Rider {
  at::Tensor phase, left, right;
};

// Everything a voice is made of, frame by frame.
struct Signals {
  at::Tensor phase1, phase2, phase_sub, phase_fm;
  at::Tensor increment1, increment2;    // cycles per frame
  at::Tensor fm_depth;                  // cycles
  at::Tensor levels[level_rows];        // broadcast to [voices, frames]
  at::Tensor noise_counter, noise_key;  // int64
  at::Tensor cutoff_g;
  at::Tensor amplitude, left, right;
  at::Tensor kept;            // 0 at the first frame of a voice, where memory is cleared, 1 elsewhere
  std::vector<Rider> riders;  // none: the first oscillator itself, on one side
  at::Tensor sources;         // what goes into the filter beside the oscillators, or undefined
};

// What one block hands to the next; empty tensors are silence.
struct UnitMemory {
  struct Side {
    at::Tensor stepped, smooth;  // of the equaliser
    at::Tensor filter, steeper;  // the filter, and the one after it
    at::Tensor pre, post;        // of the drives: their low-passes, and what those gave a frame ago
  };
  at::Tensor modulation;
  Side left;  // the only one, but for riders
  Side right;
};

// Calls use(tensor, width) for each [voices, width] of a memory of one side.
template <typename Use>
void each_of_one_side(UnitMemory& memory, Use use) {
  use(memory.modulation, 1);
  use(memory.left.stepped, 12);
  use(memory.left.smooth, 6);
  use(memory.left.filter, 2);
  use(memory.left.steeper, 2);
  use(memory.left.pre, 3);
  use(memory.left.post, 3);
}

// [voices, left and right, frames]
at::Tensor play(const Signals& signals, UnitMemory& memory);

at::Tensor sine(const at::Tensor& t);
at::Tensor edge(const at::Tensor& t, const at::Tensor& steepness);
at::Tensor triangle(const at::Tensor& ahead, const at::Tensor& steepness);
at::Tensor equalize(const at::Tensor& x);  // [voices, 12 + frames] → [voices, frames]
at::Tensor white_noise(const at::Tensor& counter, const at::Tensor& key);  // of 2^31
at::Tensor wander(const at::Tensor& position, const at::Tensor& key);      // as in synth/simd/noise.h

struct FilterBands {
  at::Tensor low, band, high;
  at::Tensor state;  // [voices, 2] after the last frame
};
FilterBands filter(const at::Tensor& x, const at::Tensor& g, const at::Tensor& k, const at::Tensor& state,
                   const at::Tensor& kept);
// Whose energy adds `resist` times itself to its damping, which may be less than none.
FilterBands ringing_filter(const at::Tensor& x, const at::Tensor& g, const at::Tensor& k,
                           const at::Tensor& resist, const at::Tensor& state, const at::Tensor& kept);
// The saturation of synth/simd/drive.h.
at::Tensor drive(const at::Tensor& x, const at::Tensor& a, at::Tensor& memory, const at::Tensor& kept);

}  // namespace auralis::voice
