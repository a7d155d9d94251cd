// SPDX-License-Identifier: MIT
// The voice's units as LibTorch operations: any device, any float type, differentiable in every continuous input.
// The fused kernel (kernel_impl.h) does the same arithmetic; tests hold the two together.
//   signals    [voices, frames]; phases in cycles, not necessarily wrapped
//   leaves out what a patch may ask of the kernels beyond: unison, drive, the filter's second stage, self-oscillation
//   no unit loops over frames: the filter is a parallel prefix scan of its frames' linear maps
//   source     Blelloch, Prefix Sums and Their Applications, CMU-CS-90-190, 1990 (linear recurrences as scans);
//              Hillis & Steele, CACM 29(12), 1986; the units' own sources are named in synth/simd
#pragma once

#include <ATen/core/Tensor.h>

#include "synth/voice/state.h"

namespace auralis::voice {

// Everything a voice is made of, frame by frame.
struct Signals {
  at::Tensor phase1, phase2, phase_sub, phase_fm;
  at::Tensor increment1, increment2;    // cycles per frame
  at::Tensor fm_depth;                  // cycles
  at::Tensor levels[level_rows];        // broadcast to [voices, frames]
  at::Tensor noise_counter, noise_key;  // int64
  at::Tensor cutoff_g;
  at::Tensor amplitude, left, right;
  at::Tensor kept;  // 0 at the first frame of a voice, where memory is cleared, 1 elsewhere
};

// What one block hands to the next; empty tensors are silence.
struct UnitMemory {
  at::Tensor modulation;  // [voices, 1]
  at::Tensor stepped;     // [voices, 12]
  at::Tensor smooth;      // [voices, 6]
  at::Tensor filter;      // [voices, 2]
};

// [voices, left and right, frames]
at::Tensor play(const Signals& signals, UnitMemory& memory);

at::Tensor sine(const at::Tensor& t);
at::Tensor edge(const at::Tensor& t, const at::Tensor& steepness);
at::Tensor triangle(const at::Tensor& ahead, const at::Tensor& steepness);
at::Tensor equalize(const at::Tensor& x);  // [voices, 12 + frames] → [voices, frames]
at::Tensor white_noise(const at::Tensor& counter, const at::Tensor& key);

struct FilterBands {
  at::Tensor low, band, high;
  at::Tensor state;  // [voices, 2] after the last frame
};
FilterBands filter(const at::Tensor& x, const at::Tensor& g, const at::Tensor& k, const at::Tensor& state,
                   const at::Tensor& kept);

}  // namespace auralis::voice
