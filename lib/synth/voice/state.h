// SPDX-License-Identifier: MIT
// What the fused voice kernel works on: groups of sixteen voices, a lane each, in rows of sixteen.
//   Params    what the layers' patches ask of each lane's slow state: patch_rows.h
//   Levels    what they ask at audio rate: the start and step per frame of every level, one quantum
//   Control   a lane's slow state, advanced once a quantum in float64: phases, envelopes, LFOs
//   Record    one quantum's ramps, from Control to Sound
//   Steps     for lanes that move too fast for ramps, and so are modulated per frame: their step at each frame
//   Unison    of groups in which some voice has several oscillators in place of its first: what Params, Control and
//             Record are to the rest
//   Sound     the per-frame state: filter and equaliser memory
// Control runs quantum by quantum, for every group in turn, and decides when voices end; Sound then runs over many
// records of one group at a time, on any thread.
#pragma once

#include <cstdint>

#include "synth/voice/patch_rows.h"

namespace auralis::voice {

using Fast = float[group_lanes];
using Whole = int32_t[group_lanes];

struct Ramp {
  Fast start, step;
};

struct alignas(64) Levels {
  Ramp rows[level_rows];
  uint32_t used;               // a bit for each row that is not 0 throughout in some lane
  uint32_t uses[group_lanes];  // and in each
  bool modulated;              // some lane has phase modulation
};

struct LevelStep {
  uint32_t used;  // a bit for each row that is not 0 throughout
  bool moves;     // the next quantum must step too, were it only to stand still
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
  // As the last quantum left them.
  Slow increment1, increment2, increment_fm, fm_depth, cutoff_g, left, right;
  Slow noise_counter, noise_key;
  Slow drift_at;  // how many draws it has strayed by
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
  Whole fresh;         // all ones where a voice begins and its memory is cleared
  Whole per_frame;     // if any_per_frame: all ones where a lane is modulated per frame, by Steps
  int levels;          // which of the group's
  uint32_t active;     // a bit per lane
  bool stage_changes;  // some lane's envelope begins, or goes from one stage to another, in this quantum
  bool any_per_frame;
  bool equalized;        // the equaliser has something in it
  bool unison;           // by the group's UnisonRecord, in two sides
  bool sourced;          // what its sources make goes into the filter as well:
  const float* sources;  // [frame][lane], while the processor plays it, or nullptr
  bool one_sided;        // if unison: there was one side until now, which is then both
  int layer_count;       // distinct layers among the active lanes
  int layers[group_lanes];
  uint32_t layer_lanes[group_lanes];
};

// For lanes that are modulated per frame, the steps that take the place of the one step of a record's phases and ramps;
// in other lanes they are undefined.
struct alignas(64) Steps {
  Whole phase1[quantum_frames], phase2[quantum_frames], phase_sub[quantum_frames], phase_fm[quantum_frames];
  Fast steepness1[quantum_frames], steepness2[quantum_frames], fm_depth[quantum_frames],
      cutoff_g[quantum_frames];
};

// An oscillator of a unison rides on the first oscillator's phase, at a distance of its own.
template <int lanes>
struct alignas(lanes > 1 ? 64 : 8) UnisonControlRows {
  using Slow = double[lanes];
  Slow phase[most_unison];  // cycles from the first oscillator's
  // As the last quantum left them: cycles per frame, gains.
  Slow increment[most_unison], left[most_unison], right[most_unison];
};
using UnisonControl = UnisonControlRows<group_lanes>;

struct Unison {
  UnisonParams params;
  UnisonControl control;
};

struct UnisonUse {
  int count;    // oscillators that some lane has; 0 where there is no unison
  bool moving;  // some gain has a step other than 0
};

struct alignas(64) UnisonRecord {
  Phase phase[most_unison];
  Ramp left[most_unison], right[most_unison];
  UnisonUse use;
};

struct alignas(64) Sound {
  struct Side {
    Fast filter1, filter2;
    Fast stepped[12];       // the equaliser's input, oldest first
    Fast smooth[6];         // what needs no equaliser, delayed alike
    Fast filter3, filter4;  // of the second filter, where it falls more steeply
    struct Drive {
      Fast low_pass1, low_pass2, before;  // what the low-pass gave a frame ago
    } pre, post;
  };
  Fast modulation;  // of the phase, a frame ago
  Side left;        // the only one, but for a unison
  Side right;
};

// An attack approaches this target and stops at 1: √amplitude, so that it leaves silence without a corner.
inline constexpr double attack_target = 1.25;
inline constexpr double attack_octaves = 2.321928094887362;  // log2(5): 1.25·(1 − 2^-x) = 1

// A voice has ended when it is released, or sinks towards silence, and is below -100 dB.
inline constexpr double silent_level = 1e-5;

}  // namespace auralis::voice
