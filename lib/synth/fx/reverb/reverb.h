// SPDX-License-Identifier: MIT
// Reverb: a feedback delay network of 16 lines behind a two-step diffuser.
//   lines        prime lengths from 40 to 110 ms at size 1, 1.12 s in all, which is 0.15·RT60 up to 7.4 s (Smith,
//                Physical Audio Signal Processing, "Mode Density Requirement"); even lines are left, odd ones right
//   absorption   a shelf below and one above on each line, exact at 125, 1200 and 8000 Hz (Jot & Chaigne 1991,
//                Schlecht & Habets 2017)
//   turning      pairs of lines mix by angles that swing slowly, losing nothing: the modes wander, so that none stands out of
//                a long tail, below 1 kHz too, where modulated delays move them little
//   level        a steady sound is as strong in the reverb as in the send, whatever the time
//   shimmer      four of the lines pass through a pitch shifter of gain ≤ 1, so that no setting can grow; the absorption
//                gives way by as much, so that the middle band keeps its RT60 (an octave up: within 15 %, 10 % up to
//                half)
#pragma once

#include <array>

#include "synth/fx/control_math.h"
#include "synth/fx/reverb/absorption.h"
#include "synth/fx/ring.h"
#include "synth/fx/smoothed.h"

namespace auralis {

struct Reverb {
  static constexpr VoiceParam send = VoiceParam::reverb_send;
  static constexpr bool taken_from_dry = false;
  static constexpr std::array slow{MasterParam::shimmer_st};

  static constexpr int lines = 16;
  static constexpr int all_passes = 3;       // a side
  static constexpr int modulated_lines = 8;  // the first of them
  static constexpr int interpolator_taps = longest_interpolator;
  static constexpr int turned_pairs = lines / 2;  // line i with line i + 8, both of one side
  static constexpr int shimmer_lines = 4;         // the last of them
  static constexpr int shimmer_heads = 2;

  struct Frame {
    SectionRamp low_cut;
    int32_t all_pass[2][all_passes];  // frames
    int32_t diffusion_now[lines];     // first diffusion step, pre-delay included, frames
    int32_t diffusion_next[lines];
    int32_t spread[lines];  // second diffusion step
    bool predelay_fading;
    Ramp predelay_mix;

    int32_t line_now[lines];
    int32_t line_next[lines];
    bool size_fading;
    Ramp size_mix;
    double rate;
    double excursion_from;  // frames, of the modulated lines, at the start of the quantum and at its end
    double excursion_to;

    alignas(64) float absorption[2][section_size][lines];  // low shelf with the mid gain, high shelf
    alignas(64) float absorption_step[2][section_size][lines];
    bool absorption_moving;

    bool turning;
    Ramp turn[turned_pairs][2];  // cosine and sine

    bool shimmering;
    bool shimmer_heads_on[shimmer_lines][shimmer_heads];
    Ramp shimmer_straight[shimmer_lines];  // gain of what is not shifted
    float shimmer_low_pass[section_size];
    Tap heads[shimmer_lines][shimmer_heads];
    Ramp windows[shimmer_lines][shimmer_heads];

    Ramp input;
    Ramp level;
  };

  struct State {
    explicit State(double rate);
    int64_t memory_frames() const {
      return diffusion[0].frames() + spread[0].frames() + line[0].frames() + shimmer[0].frames();
    }

    SectionState low_cut[2] = {};
    Ring all_pass[2][all_passes];
    Ring diffusion[2];
    Ring spread[lines];
    Ring line[lines];
    alignas(64) float absorption[2][2][lines] = {};  // [section][s1, s2][line]
    bool shimmering = false;
    alignas(16) float shimmer_low_pass[2][shimmer_lines] = {};  // [s1, s2][line]
    Ring shimmer[shimmer_lines];
  };

  class Control {
   public:
    explicit Control(double rate);
    void advance(const Smoothed& params, int64_t first_frame, Frame& frame);

   private:
    using Lengths = std::array<int32_t, Reverb::lines>;

    Lengths lengths(double size) const;
    struct Shift {
      double share;      // of the grains in the shimmer lines
      double missed_db;  // what the middle band loses by it at a pass, the mean of all lines
    };
    Shift shifting(const Smoothed& params) const;
    void absorb(const Smoothed& params, Frame& frame);
    void advance_predelay(const Smoothed& params, Frame& frame);
    void advance_absorption(const Smoothed& params, int64_t first_frame, bool resized, Frame& frame);
    void turn(const Smoothed& params, int64_t first_frame, Frame& frame) const;
    void shimmer(const Smoothed& params, int64_t first_frame, Frame& frame);

    double rate_;
    Absorption absorption_;
    bool started_ = false;
    DerivedSection low_cut_;
    Lengths diffusion_{};
    float settled_[2][section_size][Reverb::lines] = {};
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
};

}  // namespace auralis
