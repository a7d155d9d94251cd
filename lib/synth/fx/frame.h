// SPDX-License-Identifier: MIT
// One quantum's worth of control for the effects: plain numbers that the inner loops read.
//   Ramp   a value that moves in the quantum: from + step·n at frame n
//   Tap    a delay that moves in the quantum: base + from + step·n frames; split so that the fraction keeps its
//          precision on delays of seconds; from and from + 64·step are not negative
#pragma once

#include <cstdint>

namespace auralis {

struct Ramp {
  float from;
  float step;
};

struct Tap {
  int32_t base;
  float from;
  float step;
};

// A tap on its way to another place: (1 − mix)·now + mix·next. Without fading, now alone.
struct FadedTap {
  Tap now;
  Tap next;
};

// A second-order section, in the form of control_math.h's state_form.
inline constexpr int section_size = 5;
struct SectionRamp {
  Ramp of[section_size];
};

inline constexpr int chorus_voices = 2;  // a side, beside the direct sound
struct ChorusFrame {
  Tap taps[2][chorus_voices];
};

struct DelayFrame {
  FadedTap taps[2];
  bool fading[2];
  Ramp mix[2];
  Ramp feedback;
  Ramp low;  // one-pole coefficients
  Ramp high;
  Ramp level;
  Ramp to_reverb;
};

inline constexpr int reverb_lines = 16;
inline constexpr int all_passes = 3;       // a side
inline constexpr int modulated_lines = 8;  // the first of them
inline constexpr int interpolator_taps = 6;
inline constexpr int shimmer_lines = 4;  // the last of them
inline constexpr int shimmer_heads = 2;

struct ReverbFrame {
  SectionRamp low_cut;
  int32_t all_pass[2][all_passes];      // frames
  int32_t diffusion_now[reverb_lines];  // first diffusion step, pre-delay included, frames
  int32_t diffusion_next[reverb_lines];
  int32_t spread[reverb_lines];  // second diffusion step
  bool predelay_fading;
  Ramp predelay_mix;

  int32_t line_now[reverb_lines];
  int32_t line_next[reverb_lines];
  bool size_fading;
  Ramp size_mix;
  int32_t line_shift[modulated_lines];
  Ramp line_weights[modulated_lines][interpolator_taps];  // on delays shift−2 … shift+3 beside the line's own

  alignas(64) float absorption[2][section_size][reverb_lines];  // low shelf with the mid gain, high shelf
  alignas(64) float absorption_step[2][section_size][reverb_lines];
  bool absorption_moving;

  bool shimmering;
  bool shimmer_heads_on[shimmer_lines][shimmer_heads];
  Ramp shimmer_straight[shimmer_lines];  // gain of what is not shifted
  float shimmer_low_pass[section_size];
  Tap heads[shimmer_lines][shimmer_heads];
  Ramp windows[shimmer_lines][shimmer_heads];

  Ramp input;
  Ramp level;
};

// A grain's window is (1 − u²)² where −1 < u < 1, and 0 elsewhere.
struct Grain {
  Tap tap;
  Ramp u;
  float gain[2];
  bool filtered;  // taken from the band-limited ring, so that transposing up does not alias
};
inline constexpr int max_grains = 64;
struct CloudFrame {
  int32_t count;
  Grain grains[max_grains];
  SectionRamp low_pass[2];
  Ramp level;
  Ramp to_reverb;
};

// A mode is a decaying rotation: z ← (cosine + i·sine)·z + input·x, heard as its real part.
inline constexpr int resonator_modes = 32;
struct ResonatorBank {
  bool active;
  uint32_t generation;  // a change means: begin from silence
  alignas(64) float cosine[resonator_modes];
  alignas(64) float sine[resonator_modes];
  alignas(64) float input[resonator_modes];
  alignas(64) float gain[2][resonator_modes];
  Ramp listen;  // input level
  Ramp fade;    // output level
};
struct ResonatorFrame {
  ResonatorBank banks[2];
  Ramp level;
  Ramp to_reverb;
};

struct OutputFrame {
  alignas(16) float dc_kept[4];  // of the DC block's mean, after one to four frames
  float dc_taken;                // of the sound into it, at each frame
  Ramp gain;
  Ramp ceiling;  // linear
};

struct ControlFrame {
  int64_t first_frame;
  ChorusFrame chorus;
  DelayFrame delay;
  ReverbFrame reverb;
  CloudFrame cloud;
  ResonatorFrame resonators;
  OutputFrame output;
};

}  // namespace auralis
