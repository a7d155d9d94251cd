// SPDX-License-Identifier: MIT
// What the fused voice kernel works on: groups of sixteen voices, a lane each, in rows of sixteen.
//   Params    what the layers' patches ask of each lane's slow state
//   Levels    what they ask at audio rate: the start and step per frame of every level, one quantum
//   Control   a lane's slow state, advanced once a quantum in float64: phases, envelopes, LFOs
//   Record    one quantum's ramps, from Control to Sound
//   Steps     for lanes that move too quickly for ramps: what they step by from frame to frame
//   Sound     the per-frame state: filter and equaliser memory
// Control runs quantum by quantum, for every group in turn, and decides when voices end; Sound then runs over many
// records of one group at a time, on any thread.
#pragma once

#include <cstdint>

#include "synth/quantum.h"

namespace auralis::voice {

inline constexpr int group_lanes = 16;

// Rows are [lanes]; one lane wide, a struct holds what a patch asks for, sixteen wide what a group does.
template <int lanes>
struct EnvelopeParams {
  using Slow = double[lanes];
  Slow decay_rate, decay_factor,
      decay_quantum;  // octaves per frame; what that leaves after a frame, a quantum
  Slow release_rate, release_factor, release_quantum;
  Slow sustain;
};

template <int lanes>
struct alignas(lanes > 1 ? 64 : 8) ParamRows {
  using Slow = double[lanes];
  Slow tune1_oct, tune2_oct;
  Slow vibrato_rate, vibrato_oct;  // rates in cycles per frame
  Slow pitch_env_oct, pitch_env_rate, pitch_env_quantum;
  Slow fm_ratio, fm_half_cycles, fm_env;
  Slow cutoff_oct, cutoff_env_oct, cutoff_lfo_rate, cutoff_lfo_oct;  // log2 of cycles per frame
  Slow pan, pan_lfo_rate, pan_lfo_depth;
  Slow level;
  EnvelopeParams<lanes> amp, mod;
  // See quick_speed: what the modulation envelope moves, and the most speed that it or the pitch can fall with.
  Slow mod_depth, fastest;
};
using Params = ParamRows<group_lanes>;
using PatchParams = ParamRows<1>;

// How a note's pitch and velocity act on its patch's params.
struct PatchTouch {
  double key_track, filter_vel_oct, velocity_db;
};

// Audio-rate levels, in rows of float32.
enum LevelRow : int {
  sine1,
  triangle1,
  step1,
  second_step1,
  second_sine1,
  sine2,
  triangle2,
  step2,
  second_step2,
  second_sine2,
  sub,
  noise,
  damping,
  low,
  band,
  high,
  pulse_width,
  level_rows
};
inline constexpr uint32_t equalized_rows =  // what needs the equaliser after it
    1u << triangle1 | 1u << step1 | 1u << second_step1 | 1u << triangle2 | 1u << step2 | 1u << second_step2;

using Fast = float[group_lanes];
using Whole = int32_t[group_lanes];

struct Ramp {
  Fast start, step;
};

struct PatchLevels {
  float rows[level_rows];
  bool modulated;
};

struct alignas(64) Levels {
  Ramp rows[level_rows];
  uint32_t used;   // a bit for each row that is not 0 throughout in some lane
  bool modulated;  // some lane has phase modulation
};

template <int lanes>
struct EnvelopeState {
  using Slow = double[lanes];
  Slow value;        // the level; while attack_left > 0 its square root
  Slow attack_left;  // frames
  Slow attack_rate, attack_factor, attack_quantum;
};

// A lane's first quantum has fresh = 1 and its onset at frame `onset`; an idle lane has active = 0.
template <int lanes>
struct alignas(lanes > 1 ? 64 : 8) ControlRows {
  using Slow = double[lanes];
  Slow active, fresh, onset, release_left;
  Slow base_increment;                       // cycles per frame of the note as written
  Slow phase1, phase2, phase_sub, phase_fm;  // cycles, 0 … 1
  Slow vibrato_phase, cutoff_phase, pan_phase;
  Slow pitch_env;
  EnvelopeState<lanes> amp, mod;
  Slow increment1, increment2, increment_fm, fm_depth, cutoff_g, left,
      right;  // as the last quantum left them
  Slow noise_counter, noise_key;
};
using Control = ControlRows<group_lanes>;
using LaneControl = ControlRows<1>;

struct alignas(64) Phase {
  Whole start, increment, step;  // fractions of 2^32 cycles
};

struct alignas(64) Record {
  Phase phase1, phase2, phase_sub, phase_fm;
  Ramp steepness1, steepness2, fm_depth, cutoff_g, left, right;
  // The amplitude envelope: (attack_target + a)² until attack_end, sustain + d until release, f from there on;
  // a, d and f shrink by their factors each frame. Silence before onset.
  Fast onset, attack_end, release;
  Fast attack_start, attack_factor, decay_start, decay_factor, sustain, release_start, release_factor;
  Whole noise_counter, noise_key;
  Whole fresh;      // all ones where a voice begins and its memory is cleared
  Whole quick;      // if fine: all ones where a lane has steps of its own
  int levels;       // which of the group's
  uint32_t active;  // a bit per lane
  bool staged;      // some lane's envelope begins, or goes from one stage to another, in this quantum
  bool fine;        // some lane is quick
  bool equalized;   // the equaliser has something in it
  int layer_count;  // distinct layers among the active lanes
  int layers[group_lanes];
  uint32_t layer_lanes[group_lanes];
};

// What a record's phases and ramps have one step for, frame by frame; only the quick lanes' rows mean anything.
struct alignas(64) Steps {
  Whole phase1[quantum_frames], phase2[quantum_frames], phase_sub[quantum_frames], phase_fm[quantum_frames];
  Fast steepness1[quantum_frames], steepness2[quantum_frames], fm_depth[quantum_frames],
      cutoff_g[quantum_frames];
};

struct alignas(64) Sound {
  Fast modulation;  // of the phase, a frame ago
  Fast filter1, filter2;
  Fast stepped[12];  // the equaliser's input, oldest first
  Fast smooth[6];    // what needs no equaliser, delayed alike
};

// An attack approaches this target and stops at 1: √amplitude, so that it leaves silence without a corner.
inline constexpr double attack_target = 1.25;
inline constexpr double attack_octaves = 2.321928094887362;  // log2(5): 1.25·(1 − 2^-x) = 1

// A lane is quick in a quantum in which an envelope may move its pitch or cutoff by an eighth of an octave, or its
// phase modulation by an eighth of a half cycle: there a straight line would be heard. An envelope's rate is in octaves
// per frame of its distance from where it goes to: that times the distance is its speed, but for a factor of ln 2. What
// moves by less than least_depth counts as that, so that its short stages take their times all the same.
inline constexpr double quick_speed = 0.125 / (quantum_frames * 0.6931471805599453);
inline constexpr double least_depth = 0.5;

// A voice has ended when it is released, or sinks towards silence, and is below -100 dB.
inline constexpr double silent_level = 1e-5;

}  // namespace auralis::voice
