// SPDX-License-Identifier: MIT
// Control of the reverb: a feedback delay network of 16 lines behind a two-step diffuser.
//   lines        prime lengths from 40 to 110 ms at size 1, 1.12 s in all, which is 0.15·RT60 up to 7.4 s (Smith,
//                Physical Audio Signal Processing, "Mode Density Requirement"); even lines are left, odd ones right
//   absorption   a shelf below and one above on each line, exact at 125, 1200 and 8000 Hz (Jot & Chaigne 1991,
//                Schlecht & Habets 2017)
//   level        a steady sound is as strong in the reverb as in the send, whatever the time
//   shimmer      four of the lines pass through a pitch shifter of gain ≤ 1, so that no setting can grow; the absorption
//                gives way by as much, so that the middle band keeps its RT60 (an octave up: within 15 %, 10 % up to
//                half)
#pragma once

#include <array>
#include <cstdint>

#include "synth/fx/control_math.h"
#include "synth/fx/smoothed.h"

namespace auralis {

class ReverbControl {
 public:
  explicit ReverbControl(double rate);
  void advance(const Smoothed& params, int64_t first_frame, ReverbFrame& frame);

  static double longest_line_frames(double rate);  // with size and modulation at their greatest
  static double longest_all_pass_frames(double rate);
  static double longest_diffusion_frames(double rate);  // with pre-delay
  static double longest_spread_frames(double rate);
  static double longest_shimmer_frames(double rate);

 private:
  using Lengths = std::array<int32_t, reverb_lines>;
  using Bands = std::array<double, 3>;

  Lengths lengths(double size) const;
  std::array<Section, 2> absorption(Bands db) const;
  Section low_shelf(double db) const;
  Section high_shelf(double db) const;
  struct Shift {
    double share;      // of the grains in the shimmer lines
    double missed_db;  // what the middle band loses by it at a pass, the mean of all lines
  };
  Shift shifting(const Smoothed& params) const;
  void absorb(const Smoothed& params, ReverbFrame& frame);
  void advance_absorption(const Smoothed& params, int64_t first_frame, bool resized, ReverbFrame& frame);
  void modulate(const Smoothed& params, int64_t first_frame, ReverbFrame& frame);
  void shimmer(const Smoothed& params, int64_t first_frame, ReverbFrame& frame);

  double rate_;
  bool started_ = false;
  DerivedSection low_cut_;
  Lengths diffusion_{};
  std::array<double, modulated_lines> excursion_{};  // frames, at the end of the quantum
  using Weights = std::array<double, interpolator_taps>;
  std::array<Weights, modulated_lines> weights_{};  // likewise
  std::array<Bands, 3> shelving_{};  // low shelf, level, high shelf in dB from what each band should lose
  struct Edge {
    double cosine, sine;
  };
  Edge low_edge_{};
  Edge high_edge_{};
  Bands band_cosine_{};
  double low_middle_cosine_ = 0;
  float settled_[2][section_size][reverb_lines] = {};
  double steady_gain_ = 0;
  double steady_step_ = 0;  // a quantum
  int underway_ = 0;        // quanta until the absorption last worked out is reached
  bool stale_ = true;

  int32_t predelay_now_ = 0;
  int32_t predelay_next_ = 0;
  Crossfade predelay_fade_;
  double size_ = 0;
  Lengths lines_now_{};
  Lengths lines_next_{};
  Crossfade size_fade_;

  struct Head {
    double delay = 0;  // frames, at the start of the quantum
    double ratio = 1;  // held for a grain, as the rest, so that a change of interval is a crossfade
    double gain = 0;
    bool shifts = false;
  };
  std::array<std::array<Head, shimmer_heads>, shimmer_lines> heads_;
  double shimmer_ratio_ = 1;
  int64_t grain_quanta_;
};

}  // namespace auralis
