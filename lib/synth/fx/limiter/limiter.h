// SPDX-License-Identifier: MIT
// A look-ahead limiter: the true peak of what leaves it stays at or below ceiling_db, and what was below it
// passes bit for bit, lookahead_frames() later. Both channels get the same gain.
//   detection   four times oversampled, as ITU-R BS.1770-4 Annex 2, with a longer interpolator
//   gain        the least of the window ahead, recovering with a time constant of 150 ms, smoothed so that it
//               reaches each minimum before the peak
//   in, out     one quantum, [left, right][frame]
#pragma once

#include "synth/aligned.h"
#include "synth/fx/control_math.h"
#include "synth/fx/smoothed.h"
#include "synth/isa.h"

namespace auralis {

struct LimiterFrame {
  Ramp ceiling;  // linear
};

class LimiterControl {
 public:
  void advance(const Smoothed& params, LimiterFrame& frame);

 private:
  Derived ceiling_;
};

// The windows, in frames: see limiter_kernel.h for how they fit together. From 64 kHz on there is twice the look-ahead,
// and a longer interpolator, as meters have there.
inline constexpr int detector_phases = 3;
inline constexpr int detector_taps = 16;  // of each phase
inline constexpr int most_detector_taps = 24;
inline constexpr int detector_history = 2 * detector_taps;
inline constexpr int limiter_lookahead = 4 * quantum_frames;
inline constexpr int most_limiter_lookahead = 2 * limiter_lookahead;
inline constexpr int to_come_row = quantum_frames + 16;  // whole cache lines

struct LimiterState {
  int32_t lookahead;
  int32_t taps;
  float interpolator[detector_phases][most_detector_taps] = {};
  float interpolator_gain = 0;  // the most that any phase can make of ±1
  float release;                // share of the way to no reduction gone in a frame
  float gain = 1;               // before smoothing
  int64_t open_frames;          // since gain was last below 1, in whole quanta
  Aligned<float> sound[2];      // [lookahead + quantum], oldest first
  Aligned<float> detector[2];   // [detector_history + quantum], likewise
  int32_t newest = 0;           // of the quanta held:
  Aligned<float> to_come;       // [lookahead in quanta + 1][to_come_row] the least gain from each frame on
  Aligned<float> past;          // [lookahead] of the averages' steps
};

class Limiter {
 public:
  explicit Limiter(int rate, Isa isa = best_isa());

  int lookahead_frames() const { return state_.lookahead; }  // a multiple of the quantum
  void process(const StereoQuantum& in, const LimiterFrame& frame, StereoQuantum& out);

 private:
  Isa isa_;
  LimiterState state_;
};

}  // namespace auralis
