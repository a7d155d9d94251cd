// SPDX-License-Identifier: MIT
// What the effects and the limiter remember from quantum to quantum: plain data that the inner loops advance.
//   Ring    a delay line of a power of two frames; frame f lies at f & mask, and the first ring_margin frames are
//           repeated past the end so that reading on never wraps
//   Sleep   counts the frames since anything above the threshold was written; past its memory a unit may be skipped
#pragma once

#include <cstdint>

#include "synth/fx/control_frame.h"
#include "synth/quantum.h"

namespace auralis {

inline constexpr int ring_margin = 2 * quantum_frames;
inline constexpr float sleep_threshold = 1e-9f;  // −180 dBFS

struct Ring {
  float* data;
  int32_t mask;
};

struct Sleep {
  int64_t quiet_frames;
  int64_t memory_frames;
};

struct SectionState {
  float s1;
  float s2;
};

struct ChorusState {
  Ring rings[2];
  Sleep sleep;
};

struct DelayState {
  Ring rings[2];
  float low[2];
  float high[2];
  Sleep sleep;
};

struct CloudState {
  Ring plain[2];
  Ring filtered[2];
  SectionState low_pass[2][2];  // [section][side]
  Sleep sleep;
};

struct ResonatorState {
  alignas(64) float real[2][resonator_modes];
  alignas(64) float imaginary[2][resonator_modes];
  uint32_t generation[2];
  Sleep sleep;
};

struct ReverbState {
  SectionState low_cut[2];
  Ring all_pass[2][all_passes];
  Ring diffusion[2];
  Ring spread[reverb_lines];
  Ring lines[reverb_lines];
  alignas(64) float absorption[2][2][reverb_lines];  // [section][s1, s2][line]
  bool shimmering;
  alignas(16) float shimmer_low_pass[2][shimmer_lines];  // [s1, s2][line]
  Ring shimmer[shimmer_lines];
  Sleep sleep;
};

struct EffectsState {
  ChorusState chorus;
  DelayState delay;
  CloudState cloud;
  ResonatorState resonators;
  ReverbState reverb;
  float dc[2];
};

// The limiter's windows, in frames: see limiter.inc for how they fit together. From 64 kHz on there is twice the
// look-ahead, and a longer interpolator, as meters have there.
inline constexpr int detector_phases = 3;
inline constexpr int detector_taps = 16;  // of each phase
inline constexpr int most_detector_taps = 24;
inline constexpr int detector_history = 2 * detector_taps;
inline constexpr int limiter_lookahead = 4 * quantum_frames;
inline constexpr int most_limiter_lookahead = 2 * limiter_lookahead;

struct LimiterState {
  int32_t lookahead;
  int32_t taps;
  float interpolator[detector_phases][most_detector_taps];
  float interpolator_gain;  // the most that any phase can make of ±1
  float release;            // share of the way to no reduction gone in a frame
  float gain;               // before smoothing
  int64_t open_frames;      // since gain was last below 1, in whole quanta
  float* sound[2];          // [lookahead + quantum], oldest first
  float* detector[2];       // [detector_history + quantum], likewise
  int32_t newest;           // of the quanta held:
  float* to_come[most_limiter_lookahead / quantum_frames +
                 1];  // [quantum + 1] the least gain from each frame on
  float* past;        // [lookahead] of the averages' steps
};

}  // namespace auralis
