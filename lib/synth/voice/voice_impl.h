// SPDX-License-Identifier: MIT
// The voice as kernel.h promises it, for the lanes from `at` on: the source of every instruction set and of the
// CUDA device, whose threads have one lane each. The signal of each lane:
//
//   osc1 (phase-modulated) ┐ steps, triangles → equalizer ┐
//   osc2                   ┴ sines ─────────── delay ─────┼→ filter → amplitude → pan
//   sub, noise ────────────────────────────── delay ──────┘
//
// Each unit is a pass over the quantum, so that its state stays in registers and a group pays only for what its
// patches use. It is the same arithmetic everywhere: no libm, no fused multiply-add.
#pragma once

#include <type_traits>

#include "synth/simd/drive.h"
#include "synth/simd/filter.h"
#include "synth/simd/functions.h"
#include "synth/simd/lanes.h"
#include "synth/simd/noise.h"
#include "synth/simd/oscillator.h"
#include "synth/voice/state.h"

namespace auralis::AURALIS_ISA {
namespace {

using namespace voice;

constexpr double two32 = 4294967296.0;
constexpr double highest_increment = 0.49;
constexpr double lowest_cutoff_oct = -12.0;                 // 11 Hz at 44.1 kHz
constexpr double highest_cutoff_oct = -1.0291463456595165;  // log2(0.49)
constexpr auto frames = static_cast<double>(quantum_frames);

// ---- once a quantum, in float64 --------------------------------------------------------------------------------

AURALIS_FN D wrapped(D cycles) {
  const D whole = rounded(cycles);
  const D rest = cycles - whole;
  return rest < 0.0 ? rest + 1.0 : rest;
}

AURALIS_FN HalfI to_fraction(D cycles) { return to_whole(cycles * two32); }
AURALIS_FN HalfI to_phase(D cycles) { return to_fraction(cycles < 0.5 ? cycles : cycles - 1.0); }

// 2^32 are a cycle: what comes out at one end comes in at the other.
AURALIS_FN I turned_by(I phase, I by) { return (I)((U)phase + (U)by); }

AURALIS_FN D sine_of(D cycles) { return -sin_pi(cycles + cycles - 1.0); }

AURALIS_FN void store_ramp(Ramp& ramp, int at, D from, D to) {
  store(ramp.start + at, to_float(from));
  store(ramp.step + at, to_float((to - from) * (1.0 / frames)));
}

// From one increment to another over the quantum; answers the phase it ends on.
AURALIS_FN D store_phase(Phase& phase, int at, D start, D from, D to) {
  const D step = (to - from) * (1.0 / frames);
  store(phase.start + at, to_phase(start));
  store(phase.increment + at, to_fraction(from));
  store(phase.step + at, to_fraction(step));
  return wrapped(start + frames * from + (frames * (frames - 1.0) / 2.0) * step);
}

struct Modulated {
  D increment1, increment2, increment_fm, fm_depth, cutoff_g, left, right;
};

// How far each oscillator has strayed from its pitch, in octaves.
struct Drift {
  D osc1, osc2;
};

// Of one oscillator of many: those of a unison from 0, the second after them.
AURALIS_FN D strayed(const Control& c, const Params& p, int at, D position, int oscillator) {
  const HalfU key =
      (HalfU)to_whole(load<D>(c.noise_key + at)) + 0x85ebca6bu * static_cast<uint32_t>(oscillator);
  // Each at its own time between two draws, so that they do not turn together.
  return load<D>(p.drift_oct + at) * wander(position + 0.3819660112501051 * oscillator, key);
}

AURALIS_RARE Drift drift_of_lanes(const Control& c, const Params& p, int at, D position) {
  return {strayed(c, p, at, position, 0), strayed(c, p, at, position, most_unison)};
}

AURALIS_FN bool drifts(const Params& p, int at) { return any(load<D>(p.drift_oct + at) > 0.0); }

AURALIS_FN Drift drift_of(const Control& c, const Params& p, int at, D position) {
  return drifts(p, at) ? drift_of_lanes(c, p, at, position) : Drift{D{}, D{}};
}

AURALIS_FN D next_drift_at(const Control& c, const Params& p, int at) {
  const D position = load<D>(c.drift_at + at);
  return load<D>(p.drift_oct + at) > 0.0 ? position + frames * load<D>(p.drift_rate + at) : position;
}

AURALIS_FN Modulated modulate(const Control& c, const Params& p, int at, const Drift& drift, D vibrato,
                              D cutoff_lfo, D pan_lfo, D pitch_env, D mod) {
  const auto param = [at](const double(&row)[group_lanes]) { return load<D>(row + at); };
  Modulated m;
  const D bend = param(p.vibrato_oct) * sine_of(vibrato) + param(p.pitch_env_oct) * pitch_env;
  const D base = param(c.base_increment);
  const D top = D{} + highest_increment;
  m.increment1 = lower_of(base * exp2_of(param(p.tune1_oct) + bend + drift.osc1), top);
  m.increment2 = lower_of(base * exp2_of(param(p.tune2_oct) + bend + drift.osc2), top);
  m.increment_fm = lower_of(m.increment1 * param(p.fm_ratio), top);
  m.fm_depth = param(p.fm_half_cycles) * (1.0 + param(p.fm_env) * (mod - 1.0));
  const D cutoff =
      param(p.cutoff_oct) + param(p.cutoff_env_oct) * mod + param(p.cutoff_lfo_oct) * sine_of(cutoff_lfo);
  m.cutoff_g = tan_pi(exp2_of(clamped(cutoff, lowest_cutoff_oct, highest_cutoff_oct)));
  const D pan = clamped(param(p.pan) + param(p.pan_lfo_depth) * sine_of(pan_lfo), -1.0, 1.0);
  const D quarter = (pan + 1.0) * 0.25;
  m.left = param(p.level) * cos_pi(quarter);
  m.right = param(p.level) * sin_pi(quarter);
  return m;
}

// What an envelope does within one quantum: attack until attack_end, decay until release, then release.
struct Stages {
  D attack_end, release;
  // Each stage's distance from its target, as if it began at frame 0.
  D attack_start, decay_start, release_start;
  D value, attack_left;  // at the quantum's end
};

// Where no lane's envelope changes stage: one of the three starts is used for the whole quantum.
AURALIS_FN Stages hold_stage(const EnvelopeState<group_lanes>& e, const EnvelopeParams<group_lanes>& p,
                             int at, D release_left) {
  const D value = load<D>(e.value + at);
  const D left = load<D>(e.attack_left + at);
  const D sustain = load<D>(p.sustain + at);
  const L attacking = left > 0.0;
  const L released = release_left <= 0.0;
  const D attack_start = value - attack_target;
  const D decay_start = value - sustain;
  const D risen = attack_target + attack_start * load<D>(e.attack_quantum + at);
  const D decayed = sustain + decay_start * load<D>(p.decay_quantum + at);
  const D faded = value * load<D>(p.release_quantum + at);
  return {.attack_end = attacking ? D{} + frames : D{},
          .release = released ? D{} : D{} + frames,
          .attack_start = attack_start,
          .decay_start = decay_start,
          .release_start = value,
          .value = attacking ? risen : (released ? faded : decayed),
          .attack_left = left - frames};
}

AURALIS_FN Stages pass_stages(const EnvelopeState<group_lanes>& e, const EnvelopeParams<group_lanes>& p,
                              int at, D onset, D release_left) {
  const D value = load<D>(e.value + at);
  const D left = load<D>(e.attack_left + at);
  const D sustain = load<D>(p.sustain + at);
  const D attack_rate = load<D>(e.attack_rate + at);
  const D decay_rate = load<D>(p.decay_rate + at);
  const D release_rate = load<D>(p.release_rate + at);
  const L attacking = left > 0.0;
  const D release = clamped(release_left, 0.0, frames);
  const D attack_end = lower_of(clamped(left, 0.0, frames), release);
  const D root = attack_target + (value - attack_target) * exp2_of(attack_rate * (onset - attack_end));
  const D peak = attacking ? root * root : value;
  const D held = sustain + (peak - sustain) * exp2_of(decay_rate * (attack_end - release));
  const D faded = held * exp2_of(release_rate * (release - frames));
  const L still_attacking = (left > frames) & (release_left > frames);
  return {.attack_end = attack_end,
          .release = release,
          .attack_start = (value - attack_target) * exp2_of(attack_rate * onset),
          .decay_start = (peak - sustain) * exp2_of(decay_rate * attack_end),
          .release_start = held * exp2_of(release_rate * release),
          .value = still_attacking ? root : faded,
          .attack_left = still_attacking ? left - frames : D{}};
}

// What has sunk below settled_below is 0 when its quantum ends, so that nothing goes on into numbers too small for normal
// form, at which processors are slow.
AURALIS_FN D settled(D x) { return magnitude(x) < settled_below ? D{} : x; }
AURALIS_FN F settled(F x) { return magnitude(x) < static_cast<float>(settled_below) ? F{} : x; }

AURALIS_FN void end_quantum(EnvelopeState<group_lanes>& e, int at, const Stages& s) {
  store(e.value + at, settled(s.value));
  store(e.attack_left + at, s.attack_left);
}

AURALIS_FN bool changes_stage(const Control& c, int at) {
  const D release_left = load<D>(c.release_left + at);
  const L releasing = release_left <= frames;
  const D amp = load<D>(c.amp.attack_left + at);
  const D mod = load<D>(c.mod.attack_left + at);
  const L peaks =
      ((amp > 0.0) & ((amp <= frames) | releasing)) | ((mod > 0.0) & ((mod <= frames) | releasing));
  return any((load<D>(c.fresh + at) > 0.0) | peaks | (releasing & (release_left > 0.0)));
}

AURALIS_FN D level_of(D value, D attack_left) { return attack_left > 0.0 ? value * value : value; }
AURALIS_FN D level_of(const EnvelopeState<group_lanes>& e, int at) {
  return level_of(load<D>(e.value + at), load<D>(e.attack_left + at));
}

// An envelope frame by frame.
template <typename T>
struct StagedLevel {
  using V = typename VectorOf<T>::V;
  V a, d, f, attack_factor, decay_factor, release_factor, sustain, onset, attack_end, release;

  AURALIS_FN V next(int n) {
    const V now = V{} + static_cast<T>(n);
    const V root = static_cast<T>(attack_target) + a;
    V level = now < attack_end ? root * root : (now < release ? sustain + d : f);
    level = now < onset ? V{} : level;
    a *= attack_factor;
    d *= decay_factor;
    f *= release_factor;
    return level;
  }
};

// The lanes whose modulation is too fast for ramps in the quantum to come: see ramp_speed_limit.
AURALIS_RARE L per_frame_lanes(const Control& c, const Params& p, int at) {
  const auto state = [at](const double(&row)[group_lanes]) { return load<D>(row + at); };
  const D left = state(c.mod.attack_left);
  const D release_left = state(c.release_left);
  const D value = state(c.mod.value);
  const D sustain = state(p.mod.sustain);
  const L rises = left > 0.0;
  const L falls = (left < frames) & (release_left > 0.0);
  const L fades = release_left < frames;
  const D to_sustain = magnitude((rises ? D{} + 1.0 : value) - sustain);
  const D to_silence = rises ? D{} + 1.0 : value;
  const D rise = rises ? state(c.mod.attack_rate) : D{};
  const D fall = falls ? state(p.mod.decay_rate) * to_sustain : D{};
  const D fade = fades ? state(p.mod.release_rate) * to_silence : D{};
  const D mod = state(p.mod_depth) * higher_of(rise, higher_of(fall, fade));
  const D pitch = magnitude(state(p.pitch_env_oct) * state(c.pitch_env)) * state(p.pitch_env_rate);
  return (state(c.active) > 0.0) & (higher_of(mod, pitch) > ramp_speed_limit);
}

// Checks first what the patch could reach at all, which for most is far below the limit.
AURALIS_FN bool has_per_frame_lane(const Control& c, const Params& p, int at) {
  const auto state = [at](const double(&row)[group_lanes]) { return load<D>(row + at); };
  const D fastest = higher_of(state(p.mod_depth) * state(c.mod.attack_rate), state(p.fastest));
  return any(fastest > ramp_speed_limit) && any(per_frame_lanes(c, p, at));
}

struct Phases {
  D osc1, osc2, sub, fm;
};

// The steps from frame to frame of what modulation moves; answers where they leave the phases. What the patch itself has
// moved since the last quantum still goes in a straight line, or it would be heard as a step.
AURALIS_RARE Phases step_frames(const Control& c, const Params& p, Steps& steps, int at) {
  const auto state = [at](const double(&row)[group_lanes]) { return load<D>(row + at); };
  const D onset = state(c.onset);
  const Stages s = pass_stages(c.mod, p.mod, at, onset, state(c.release_left));
  StagedLevel<double> mod{s.attack_start,
                          s.decay_start,
                          s.release_start,
                          state(c.mod.attack_factor),
                          state(p.mod.decay_factor),
                          state(p.mod.release_factor),
                          state(p.mod.sustain),
                          onset,
                          s.attack_end,
                          s.release};
  const D pitch_factor = exp2_of(-state(p.pitch_env_rate));
  D pitch_env = state(c.pitch_env);
  const Drift drift_from = drift_of(c, p, at, state(c.drift_at));
  const Drift drift_to = drift_of(c, p, at, next_drift_at(c, p, at));
  const auto at_frame = [&](int n, D level) {
    const double share = n * (1.0 / frames);
    const Drift drift{drift_from.osc1 + (drift_to.osc1 - drift_from.osc1) * share,
                      drift_from.osc2 + (drift_to.osc2 - drift_from.osc2) * share};
    const auto turned = [&](const double(&phase)[group_lanes], const double(&rate)[group_lanes]) {
      return wrapped(state(phase) + static_cast<double>(n) * state(rate));
    };
    return modulate(c, p, at, drift, turned(c.vibrato_phase, p.vibrato_rate),
                    turned(c.cutoff_phase, p.cutoff_lfo_rate), D{}, pitch_env, level);
  };
  const D width = D{} + 0.5 / static_cast<double>(kernel_half_width);
  const D last_level = level_of(s.value, s.attack_left);

  const Modulated asked = at_frame(0, mod.next(0));
  D increment1 = state(c.increment1);
  D increment2 = state(c.increment2);
  D increment_fm = state(c.increment_fm);
  D fm_depth = state(c.fm_depth);
  D cutoff_g = state(c.cutoff_g);
  const D moved1 = increment1 / asked.increment1 - 1.0;
  const D moved2 = increment2 / asked.increment2 - 1.0;
  const D moved_fm = increment_fm / asked.increment_fm - 1.0;
  const D moved_depth = fm_depth - asked.fm_depth;
  const D moved_g = cutoff_g / asked.cutoff_g - 1.0;
  D turned1{}, turned2{}, turned_fm{};
  for (int n = 1; n <= quantum_frames; ++n) {
    pitch_env = onset < static_cast<double>(n) ? pitch_env * pitch_factor : pitch_env;
    const Modulated m = at_frame(n, n < quantum_frames ? mod.next(n) : last_level);
    const double rest = 1.0 - static_cast<double>(n) / frames;
    turned1 += increment1;
    turned2 += increment2;
    turned_fm += increment_fm;
    const auto turn = [&](Whole& step, D from, D to) {
      store(step + at, to_whole(rounded(to * two32) - rounded(from * two32)));
      return to;
    };
    const auto ramp = [&](Fast& step, D from, D to) {
      store(step + at, to_float(to - from));
      return to;
    };
    const D next1 = m.increment1 * (1.0 + moved1 * rest);
    const D next2 = m.increment2 * (1.0 + moved2 * rest);
    ramp(steps.steepness1[n - 1], width / increment1, width / next1);
    ramp(steps.steepness2[n - 1], width / increment2, width / next2);
    turn(steps.phase_sub[n - 1], increment1 * 0.5, next1 * 0.5);
    increment1 = turn(steps.phase1[n - 1], increment1, next1);
    increment2 = turn(steps.phase2[n - 1], increment2, next2);
    increment_fm = turn(steps.phase_fm[n - 1], increment_fm, m.increment_fm * (1.0 + moved_fm * rest));
    fm_depth = ramp(steps.fm_depth[n - 1], fm_depth, m.fm_depth + moved_depth * rest);
    cutoff_g = ramp(steps.cutoff_g[n - 1], cutoff_g, m.cutoff_g * (1.0 + moved_g * rest));
  }
  return {wrapped(state(c.phase1) + turned1), wrapped(state(c.phase2) + turned2),
          wrapped(state(c.phase_sub) + turned1 * 0.5), wrapped(state(c.phase_fm) + turned_fm)};
}

// per_frame: some of these lanes may be modulated per frame
template <bool per_frame>
AURALIS_FN uint32_t advance_quantum(Control& c, const Params& p, Record& r, Steps& steps, int at,
                                    bool stage_changes) {
  const auto state = [at](const double(&row)[group_lanes]) { return load<D>(row + at); };
  const L fresh = state(c.fresh) > 0.0;
  const D onset = state(c.onset);
  const D release_left = state(c.release_left);

  store(r.fresh + at, to_mask(fresh));
  if (any(fresh)) {  // where a new voice starts from
    const Modulated m =
        modulate(c, p, at, drift_of(c, p, at, state(c.drift_at)), state(c.vibrato_phase),
                 state(c.cutoff_phase), state(c.pan_phase), state(c.pitch_env), level_of(c.mod, at));
    const auto begin = [at, fresh](double(&row)[group_lanes], D value) {
      store(row + at, fresh ? value : load<D>(row + at));
    };
    begin(c.increment1, m.increment1);
    begin(c.increment2, m.increment2);
    begin(c.increment_fm, m.increment_fm);
    begin(c.fm_depth, m.fm_depth);
    begin(c.cutoff_g, m.cutoff_g);
    begin(c.left, m.left);
    begin(c.right, m.right);
    begin(c.phase1, wrapped(state(c.phase1) - onset * m.increment1));
    begin(c.phase2, wrapped(state(c.phase2) - onset * m.increment2));
    begin(c.phase_sub, wrapped(state(c.phase_sub) - onset * m.increment1 * 0.5));
    begin(c.phase_fm, wrapped(state(c.phase_fm) - onset * m.increment_fm));
    begin(c.noise_counter, -onset);
  }

  L per_frame_mask{};
  Phases per_frame_ends{};
  if constexpr (per_frame) {
    per_frame_mask = per_frame_lanes(c, p, at);
    store(r.per_frame + at, to_mask(per_frame_mask));
    per_frame_ends = step_frames(c, p, steps, at);
  }

  const auto pass = [&](EnvelopeState<group_lanes>& e, const EnvelopeParams<group_lanes>& asked) {
    const Stages s = stage_changes ? pass_stages(e, asked, at, onset, release_left)
                                   : hold_stage(e, asked, at, release_left);
    end_quantum(e, at, s);
    return s;
  };
  const Stages amp = pass(c.amp, p.amp);
  pass(c.mod, p.mod);
  const D pitch_env = state(c.pitch_env);
  D pitch_env_end = pitch_env * load<D>(p.pitch_env_quantum + at);
  if (any(fresh)) {
    const D since_onset = exp2_of(load<D>(p.pitch_env_rate + at) * (onset - frames));
    pitch_env_end = fresh ? since_onset : pitch_env_end;
  }
  store(c.pitch_env + at, settled(pitch_env_end));

  const auto turn = [&](double(&phase)[group_lanes], const double(&cycles_per_frame)[group_lanes]) {
    const D end = wrapped(state(phase) + frames * load<D>(cycles_per_frame + at));
    store(phase + at, end);
    return end;
  };
  const D vibrato = turn(c.vibrato_phase, p.vibrato_rate);
  const D cutoff_lfo = turn(c.cutoff_phase, p.cutoff_lfo_rate);
  const D pan_lfo = turn(c.pan_phase, p.pan_lfo_rate);
  store(c.drift_at + at, next_drift_at(c, p, at));
  const Modulated m = modulate(c, p, at, drift_of(c, p, at, state(c.drift_at)), vibrato, cutoff_lfo, pan_lfo,
                               pitch_env_end, level_of(c.mod, at));

  const D from1 = state(c.increment1);
  const D from2 = state(c.increment2);
  store(c.phase1 + at, store_phase(r.phase1, at, state(c.phase1), from1, m.increment1));
  store(c.phase2 + at, store_phase(r.phase2, at, state(c.phase2), from2, m.increment2));
  store(c.phase_sub + at, store_phase(r.phase_sub, at, state(c.phase_sub), from1 * 0.5, m.increment1 * 0.5));
  store(c.phase_fm + at,
        store_phase(r.phase_fm, at, state(c.phase_fm), state(c.increment_fm), m.increment_fm));
  if constexpr (per_frame) {
    const auto end = [&](double(&phase)[group_lanes], D per_frame_end) {
      store(phase + at, per_frame_mask ? per_frame_end : state(phase));
    };
    end(c.phase1, per_frame_ends.osc1);
    end(c.phase2, per_frame_ends.osc2);
    end(c.phase_sub, per_frame_ends.sub);
    end(c.phase_fm, per_frame_ends.fm);
  }
  const D width = D{} + 0.5 / static_cast<double>(kernel_half_width);
  store_ramp(r.steepness1, at, width / from1, width / m.increment1);
  store_ramp(r.steepness2, at, width / from2, width / m.increment2);
  const auto ramp = [&](Ramp& out, double(&row)[group_lanes], D to) {
    store_ramp(out, at, state(row), to);
    store(row + at, to);
  };
  ramp(r.fm_depth, c.fm_depth, m.fm_depth);
  ramp(r.cutoff_g, c.cutoff_g, m.cutoff_g);
  ramp(r.left, c.left, m.left);
  ramp(r.right, c.right, m.right);
  store(c.increment1 + at, m.increment1);
  store(c.increment2 + at, m.increment2);
  store(c.increment_fm + at, m.increment_fm);

  store(r.onset + at, to_float(onset));
  store(r.attack_end + at, to_float(amp.attack_end));
  store(r.release + at, to_float(amp.release));
  store(r.attack_start + at, to_float(amp.attack_start));
  store(r.attack_factor + at, to_float(state(c.amp.attack_factor)));
  store(r.decay_start + at, to_float(amp.decay_start));
  store(r.decay_factor + at, to_float(load<D>(p.amp.decay_factor + at)));
  store(r.sustain + at, to_float(load<D>(p.amp.sustain + at)));
  store(r.release_start + at, to_float(amp.release_start));
  store(r.release_factor + at, to_float(load<D>(p.amp.release_factor + at)));
  const D counter = state(c.noise_counter);
  store(r.noise_counter + at, to_whole(counter));
  store(r.noise_key + at, to_whole(state(c.noise_key)));
  const D counted = counter + frames;
  store(c.noise_counter + at, counted < 2147483648.0 - frames ? counted : D{});

  const D left = release_left - frames;
  store(c.release_left + at, left);
  store(c.fresh + at, D{});
  store(c.onset + at, D{});
  const L sinks =
      (left <= 0.0) | ((state(c.amp.attack_left) <= 0.0) & (load<D>(p.amp.sustain + at) < silent_level));
  const L ended = sinks & (level_of(c.amp, at) < silent_level) & (state(c.active) > 0.0);
  return bits_of(ended) << at;
}

AURALIS_RARE uint32_t advance_per_frame(Control& c, const Params& p, Record& r, Steps& steps, int at,
                                        bool stage_changes) {
  return advance_quantum<true>(c, p, r, steps, at, stage_changes);
}

// stage_changes: changes_stage() holds for some lane of the group; per_frame: has_per_frame_lane() holds for these
AURALIS_FN uint32_t advance_lanes(Control& c, const Params& p, Record& r, Steps& steps, int at,
                                  bool stage_changes, bool per_frame) {
  return per_frame ? advance_per_frame(c, p, r, steps, at, stage_changes)
                   : advance_quantum<false>(c, p, r, steps, at, stage_changes);
}

// ---- every frame, in float32 -----------------------------------------------------------------------------------
//
// A quantum goes by in blocks: on the processor it is one, on a CUDA device so short that a block's frames stay in
// registers. Each unit takes all frames of a block before the next unit does.

inline constexpr int thread_block = 8;  // frames that a thread of a CUDA device keeps in registers

// A ramp of steps 0 costs nothing where it is known to be one.
template <bool moving>
struct Line {
  F value, step;
  Line() = default;
  AURALIS_FN Line(const Ramp& ramp, int at)
      : value(load<F>(ramp.start + at)), step(load<F>(ramp.step + at)) {}
  AURALIS_FN F next() {
    const F now = value;
    if constexpr (moving) value += step;
    return now;
  }
};

// What a slow signal steps by: the same throughout a quantum; in lanes that are modulated per frame, a step of its own for
// each frame.
template <typename T, bool per_frame>
struct Step {
  using V = typename VectorOf<T>::V;
  using Row = T[group_lanes];
  V same;
  AURALIS_FN Step(const Row& row, const Row*, const Whole&, int at) : same(load<V>(row + at)) {}
  AURALIS_FN V next() { return same; }
};
template <typename T>
struct Step<T, true> {
  using V = typename VectorOf<T>::V;
  using Row = T[group_lanes];
  V same;
  const Row* own;
  I mask;
  int at;
  AURALIS_FN Step(const Row& row, const Row* own_row, const Whole& mask_row, int lane)
      : same(load<V>(row + lane)), own(own_row), mask(load<I>(mask_row + lane)), at(lane) {}
  AURALIS_FN V next() {
    const V step = load<V>(*own + at);
    ++own;
    return mask != 0 ? step : same;
  }
};

template <bool per_frame>
struct Ramping {
  F value;
  Step<float, per_frame> step;
  AURALIS_FN Ramping(const Ramp& ramp, const Fast* own, const Whole& mask, int at)
      : value(load<F>(ramp.start + at)), step(ramp.step, own, mask, at) {}
  AURALIS_FN F next() {
    const F now = value;
    value += step.next();
    return now;
  }
};

template <bool per_frame>
struct Turning {
  I phase, increment;
  Step<int32_t, per_frame> step;
  AURALIS_FN Turning(const Phase& p, const Whole* own, const Whole& mask, int at)
      : phase(load<I>(p.start + at)), increment(load<I>(p.increment + at)), step(p.step, own, mask, at) {}
  AURALIS_FN F next() {  // half cycles, −1 … 1
    const F x = to_float(phase) * 0x1.0p-31F;
    phase = turned_by(phase, increment);
    increment = turned_by(increment, step.next());
    return x;
  }
};

struct Point {
  F x, steepness;
};

// Where an oscillator is, frame by frame: from its own phase, or from one that was modulated before.
template <bool per_frame>
struct Straight {
  Turning<per_frame> phase;
  Ramping<per_frame> steepness;
  AURALIS_FN Straight shifted(I by, I by_step) const {
    Straight other = *this;
    other.phase.phase = turned_by(other.phase.phase, by);
    other.phase.increment = turned_by(other.phase.increment, by_step);
    return other;
  }
  AURALIS_FN Point next(const Point*, int) {
    const F x = phase.next();
    return {x, steepness.next()};
  }
};

AURALIS_FN F whole_turns_off(F x) { return x - ((x + 0x1.8p24F) - 0x1.8p24F); }

struct Bent {
  F shift, shift_step;
  AURALIS_FN Bent shifted(I by, I by_step) const {
    return {to_float(by) * 0x1.0p-31F, to_float(by_step) * 0x1.0p-31F};
  }
  AURALIS_FN Point next(const Point* points, int n) {
    const F x = whole_turns_off(points[n].x + shift);
    shift += shift_step;
    return {x, points[n].steepness};
  }
};

struct SineShape {
  AURALIS_FN F operator()(F x, F) const { return sine(x); }
};
struct TriangleShape {
  AURALIS_FN F operator()(F x, F steepness) const { return triangle(x, steepness); }
};
struct OneCornerShape {
  AURALIS_FN F operator()(F x, F steepness) const { return triangle_of_one_corner(x, steepness); }
};
struct StepShape {
  AURALIS_FN F operator()(F x, F steepness) const { return edge(x, steepness); }
};

// Where in its cycle an oscillator's shape is: a quarter ahead of the oscillator itself, behind it by the pulse width.
enum class Place { own, ahead, second };

template <int of_row, Place at, bool equalizer_follows>
struct Unit {
  static constexpr int row = of_row;  // from the oscillator's first
  static constexpr Place place = at;
  static constexpr bool equalized = equalizer_follows;
};

// An oscillator's shapes, in the order in which they are added: the bits of the sum hang on it.
template <typename Add>
[[gnu::always_inline]] AURALIS_FN void each_shape(bool one_corner, Add add) {
  add(Unit<sine1, Place::own, false>(), SineShape());
  add(Unit<second_sine1, Place::second, false>(), SineShape());
  if (one_corner) {
    add(Unit<triangle1, Place::ahead, true>(), OneCornerShape());
  } else {
    add(Unit<triangle1, Place::ahead, true>(), TriangleShape());
  }
  add(Unit<step1, Place::own, true>(), StepShape());
  add(Unit<second_step1, Place::second, true>(), StepShape());
}

// A block that units add to; the first of them writes.
struct Bus {
  F* frames;
  bool empty;

  template <int block, typename Make>
  [[gnu::always_inline]] AURALIS_FN void add(Make make) {
    if constexpr (block < quantum_frames) {
      AURALIS_UNROLL for (int n = 0; n < block; ++n) {
        const F x = make(n);
        frames[n] = empty ? x : frames[n] + x;
      }
    } else if (empty) {
      for (int n = 0; n < block; ++n) frames[n] = make(n);
    } else {
      for (int n = 0; n < block; ++n) frames[n] += make(n);
    }
    empty = false;
  }
  template <int block>
  AURALIS_FN void fill() {
    if (empty) {
      AURALIS_UNROLL for (int n = 0; n < block; ++n) frames[n] = F{};
    }
  }
};

// Answers the position after the block.
template <int block, typename Position, typename Gain, typename Shape>
[[gnu::always_inline]] AURALIS_FN Position add_shape(Bus& out, const Point* points, Position position,
                                                     Gain& gain, Shape shape) {
  Gain ramp = gain;
  out.template add<block>([&](int n) {
    const Point p = position.next(points, n);
    return ramp.next() * shape(p.x, p.steepness);
  });
  gain = ramp;
  return position;
}

AURALIS_FN I turns_behind(F cycles) {  // minus cycles; half a cycle more than fits an int32 wraps
  return (I)(0u - (U)to_whole(cycles * static_cast<float>(two32 / 4.0)) * 4u);
}

template <typename Position, bool moving>
struct Oscillator {
  Position own, ahead, second;
  Line<moving> gains[second_sine1 + 1];
  uint32_t used;

  // Its rows among the levels begin at first: sine1 or sine2.
  AURALIS_FN Oscillator(const Position& position, const Levels& levels, uint32_t used_rows, int first, int at)
      : own(position),
        ahead(position),
        second(position),
        gains{{levels.rows[first], at},
              {levels.rows[first + 1], at},
              {levels.rows[first + 2], at},
              {levels.rows[first + 3], at},
              {levels.rows[first + 4], at}},
        used(used_rows >> first) {
    if (uses(triangle1)) ahead = position.shifted(I{} + (1 << 30), I{});
    if (uses(second_sine1) || uses(second_step1)) {
      const Ramp& width = levels.rows[pulse_width];
      second =
          position.shifted(turns_behind(load<F>(width.start + at)), turns_behind(load<F>(width.step + at)));
    }
  }

  template <int block>
  AURALIS_FN void add(Bus& stepped, Bus& smooth, const Point* points, bool one_corner) {
    constexpr bool whole = block == quantum_frames && !std::is_same_v<Position, Bent>;
    Position after_own = own;
    Position after_second = second;
    each_shape(whole && one_corner, [&](auto unit, auto shape) {
      if (!uses(unit.row)) return;
      const auto from = [&](const Position& position) {
        return add_shape<block>(unit.equalized ? stepped : smooth, points, position, gains[unit.row], shape);
      };
      if constexpr (unit.place == Place::own) after_own = from(own);
      if constexpr (unit.place == Place::ahead) ahead = from(ahead);
      if constexpr (unit.place == Place::second) after_second = from(second);
    });
    own = after_own;
    second = after_second;
  }

 private:
  AURALIS_FN bool uses(int row) const { return (used >> row & 1u) != 0; }
};

// The first oscillator's phase under modulation: m half cycles ahead; its steps are as steep as it moves.
template <bool per_frame>
struct Bending {
  Turning<per_frame> carrier, modulator;
  Ramping<per_frame> depth;
  F last;

  AURALIS_FN Bending(const Record& r, const Steps& steps, const Sound& s, int at)
      : carrier(r.phase1, steps.phase1, r.per_frame, at),
        modulator(r.phase_fm, steps.phase_fm, r.per_frame, at),
        depth(r.fm_depth, steps.fm_depth, r.per_frame, at) {
    const I before = (I)((U)modulator.phase - (U)modulator.increment);
    last = load<I>(r.fresh + at) != 0 ? depth.value * sine(to_float(before) * 0x1.0p-31F)
                                      : load<F>(s.modulation + at);
  }

  template <int block>
  AURALIS_FN void fill(Point* out) {
    AURALIS_UNROLL for (int n = 0; n < block; ++n) {
      const F increment = to_float(carrier.increment) * 0x1.0p-31F;
      const F m = depth.next() * sine(modulator.next());
      const F x = carrier.next() + m;
      const F moved = higher_of(magnitude(increment + (m - last)), increment * slowest_share);
      const F speed = lower_of(moved, F{} + 2.0F * fastest_increment);
      out[n] = {whole_turns_off(x), (1.0F / kernel_half_width) / speed};
      last = m;
    }
  }
};

template <bool moving>
struct Noise {
  I counter, key;
  Line<moving> level;

  AURALIS_FN Noise(const Record& r, const Levels& levels, int at)
      : counter(load<I>(r.noise_counter + at)),
        key(load<I>(r.noise_key + at)),
        level(levels.rows[noise], at) {}

  template <int block>
  AURALIS_FN void add(Bus& out) {
    out.template add<block>([this](int) {
      const F x = level.next() * white_noise(counter, key);
      counter += 1;
      return x;
    });
  }
};

// What these lanes' voices need of the units.
struct Parts {
  uint32_t used;  // rows of the levels
  bool modulated, stage_changes, any_per_frame, equalized;
  bool moving = true;  // some level has a step other than 0
  bool one_corner1 = false,
       one_corner2 = false;  // no voice's triangle is too high for triangle_of_one_corner
  UnisonUse unison{0, false};
  bool one_sided = false;  // if there is a unison: what one side remembers is what both do
};

// A filter has what all of a voice's sides share of a frame, and a memory for each side.
template <bool moving, bool only_low, bool per_frame>
struct PlainFilter {
  using Memory = FilterState;
  struct Frame {
    FilterLoop loop;
    F damping, low, band, high;
  };
  Ramping<per_frame> g;
  Line<moving> k, low, band, high;

  AURALIS_FN PlainFilter(const Record& r, const Steps& steps, const Levels& levels, const Parts&, int at)
      : g(r.cutoff_g, steps.cutoff_g, r.per_frame, at),
        k(levels.rows[damping], at),
        low(levels.rows[voice::low], at),
        band(levels.rows[voice::band], at),
        high(levels.rows[voice::high], at) {}

  AURALIS_FN static Memory recall(const Sound::Side& side, I kept, int at, const PlainFilter&) {
    return {masked(load<F>(side.filter1 + at), kept), masked(load<F>(side.filter2 + at), kept)};
  }
  AURALIS_FN static void keep(const Memory& memory, Sound::Side& side, int at) {
    store(side.filter1 + at, settled(memory.s1));
    store(side.filter2 + at, settled(memory.s2));
  }

  [[gnu::always_inline]] AURALIS_FN Frame next() {
    const F of_k = k.next();
    return {filter_loop(g.next(), of_k), of_k, low.next(), only_low ? F{} : band.next(),
            only_low ? F{} : high.next()};
  }
  [[gnu::always_inline]] AURALIS_FN F pass(Memory& memory, const Frame& f, F x) const {
    const FilterOutput out = filter(memory, x, f.loop);
    if constexpr (only_low) return f.low * out.low;
    return (f.low * out.low + f.band * (f.damping * out.band)) + f.high * out.high;
  }
};

// With drive before and after it, up to 24 dB an octave from a second filter after the first, and self-oscillation.
template <bool per_frame>
struct RichFilter {
  struct Memory {
    FilterState first, second;
    DriveState pre, post;
  };
  struct Frame {
    F g, damping, low, band, high;
    F pre, pre_gain, post, post_gain, steeper, resist;
  };
  static constexpr float second_damping = 1.4142135F;
  static constexpr float ringing_band =
      2.75F;  // a ringing band-pass has unit gain, too, whose damping is none
  Ramping<per_frame> g;
  Line<true> k, low, band, high;
  Line<true> pre, pre_gain, post, post_gain, steeper, resist;
  uint32_t used;

  AURALIS_FN RichFilter(const Record& r, const Steps& steps, const Levels& levels, const Parts& parts, int at)
      : g(r.cutoff_g, steps.cutoff_g, r.per_frame, at),
        k(levels.rows[damping], at),
        low(levels.rows[voice::low], at),
        band(levels.rows[voice::band], at),
        high(levels.rows[voice::high], at),
        pre(levels.rows[pre_drive], at),
        pre_gain(levels.rows[pre_drive_gain], at),
        post(levels.rows[post_drive], at),
        post_gain(levels.rows[post_drive_gain], at),
        steeper(levels.rows[voice::steeper], at),
        resist(levels.rows[voice::resist], at),
        used(parts.used) {}

  AURALIS_FN static Memory recall(const Sound::Side& side, I kept, int at, const RichFilter& filter) {
    const auto row = [&](const Fast& from) { return masked(load<F>(from + at), kept); };
    const auto drive_of = [&](const Sound::Side::Drive& d, F a) {
      const F before = row(d.before);
      return DriveState{{row(d.low_pass1), row(d.low_pass2)}, before, drive_root(before, a)};
    };
    Memory m{{row(side.filter1), row(side.filter2)},
             {row(side.filter3), row(side.filter4)},
             drive_of(side.pre, filter.pre.value),
             drive_of(side.post, filter.post.value)};
    // What rings by itself must begin somewhere: a fresh voice at -54 dB, silence at -114 dB.
    const F least = masked(F{} + 0x1.0p-9F, ~kept) + F{} + 0x1.0p-19F;
    const F energy = m.first.s1 * m.first.s1 + m.first.s2 * m.first.s2;
    const F woken = energy < least * least ? least : m.first.s1;
    m.first.s1 = filter.resist.value > 0.0F ? woken : m.first.s1;
    return m;
  }
  AURALIS_FN static void keep(const Memory& m, Sound::Side& side, int at) {
    store(side.filter1 + at, settled(m.first.s1));
    store(side.filter2 + at, settled(m.first.s2));
    store(side.filter3 + at, settled(m.second.s1));
    store(side.filter4 + at, settled(m.second.s2));
    const auto keep_drive = [at](Sound::Side::Drive& d, const DriveState& state) {
      store(d.low_pass1 + at, settled(state.low_pass.s1));
      store(d.low_pass2 + at, settled(state.low_pass.s2));
      store(d.before + at, settled(state.before));
    };
    keep_drive(side.pre, m.pre);
    keep_drive(side.post, m.post);
  }

  [[gnu::always_inline]] AURALIS_FN Frame next() {
    return {g.next(),        k.next(),    low.next(),       band.next(),    high.next(),  pre.next(),
            pre_gain.next(), post.next(), post_gain.next(), steeper.next(), resist.next()};
  }
  [[gnu::always_inline]] AURALIS_FN F pass(Memory& m, const Frame& f, F x) const {
    if (uses(pre_drive)) x = drive(m.pre, x, f.pre) * (1.0F + f.pre_gain);
    const F energy = m.first.s1 * m.first.s1 + m.first.s2 * m.first.s2;
    F y = mixed(filter(m.first, x, filter_loop(f.g, f.damping + f.resist * energy)), f,
                f.damping + f.resist * ringing_band);
    if (uses(voice::steeper)) {
      const F damped = F{} + second_damping;
      const F steep = mixed(filter(m.second, y, filter_loop(f.g, damped)), f, damped);
      y += f.steeper * (steep - y);
    }
    if (uses(post_drive)) y = drive(m.post, y, f.post) * (1.0F + f.post_gain);
    return y;
  }

 private:
  AURALIS_FN bool uses(int row) const { return (used >> row & 1u) != 0; }
  [[gnu::always_inline]] AURALIS_FN static F mixed(const FilterOutput& out, const Frame& f, F unit) {
    return (f.low * out.low + f.band * (unit * out.band)) + f.high * out.high;
  }
};

// The amplitude while no lane changes stage: one exponential each.
struct HeldAmplitude {
  decltype(F{} > F{}) attacking, held;
  F distance, factor, target;

  AURALIS_FN HeldAmplitude(const Record& r, int at) {
    const auto row = [at](const Fast& values) { return load<F>(values + at); };
    attacking = row(r.attack_end) > 0.0F;
    held = row(r.release) > 0.0F;
    distance = attacking ? row(r.attack_start) : (held ? row(r.decay_start) : row(r.release_start));
    factor = attacking ? row(r.attack_factor) : (held ? row(r.decay_factor) : row(r.release_factor));
    target = attacking ? F{} + static_cast<float>(attack_target) : (held ? row(r.sustain) : F{});
  }
  AURALIS_FN F next(int) {
    const F value = target + distance;
    distance *= factor;
    return attacking ? value * value : value;
  }
};

struct StagedAmplitude : StagedLevel<float> {
  AURALIS_FN StagedAmplitude(const Record& r, int at)
      : StagedLevel{load<F>(r.attack_start + at),  load<F>(r.decay_start + at),
                    load<F>(r.release_start + at), load<F>(r.attack_factor + at),
                    load<F>(r.decay_factor + at),  load<F>(r.release_factor + at),
                    load<F>(r.sustain + at),       load<F>(r.onset + at),
                    load<F>(r.attack_end + at),    load<F>(r.release + at)} {}
};

// The end of the voice: filter, amplitude, position.
template <typename Filter, typename Amplitude>
struct Shaping {
  Filter filter;
  typename Filter::Memory memory;
  Amplitude amplitude;
  Line<true> left, right;

  AURALIS_FN Shaping(const Record& r, const Steps& steps, const Levels& levels, const Parts& parts,
                     const Sound& s, int at)
      : filter(r, steps, levels, parts, at),
        memory(Filter::recall(s.left, ~load<I>(r.fresh + at), at, filter)),
        amplitude(r, at),
        left(r.left, at),
        right(r.right, at) {}

  // The block of frames that begins at `from`, of which at_frame(n) goes in.
  template <int block, typename Out, typename AtFrame>
  [[gnu::always_inline]] AURALIS_FN void place(int from, Out& out, AtFrame at_frame) {
    AURALIS_UNROLL for (int n = 0; n < block; ++n) {
      const F x = filter.pass(memory, filter.next(), at_frame(n)) * amplitude.next(from + n);
      const F to_left = x * left.next();
      out.put(from + n, to_left, x * right.next());
    }
  }

  AURALIS_FN void keep(Sound& s, int at) const { Filter::keep(memory, s.left, at); }
};

// What one side's equaliser remembers, before a block's frames.
template <int block>
struct SideFrames {
  F stepped[equalizer_history + block];
  F smooth[equalizer_delay + block];

  AURALIS_FN void recall(const Sound::Side& side, I kept, int at) {
    AURALIS_UNROLL for (int i = 0; i < equalizer_history; ++i) {
      stepped[i] = masked(load<F>(side.stepped[i] + at), kept);
    }
    AURALIS_UNROLL for (int i = 0; i < equalizer_delay; ++i) {
      smooth[i] = masked(load<F>(side.smooth[i] + at), kept);
    }
  }
  AURALIS_FN void go_on() {
    AURALIS_UNROLL for (int i = 0; i < equalizer_history; ++i) stepped[i] = stepped[block + i];
    AURALIS_UNROLL for (int i = 0; i < equalizer_delay; ++i) smooth[i] = smooth[block + i];
  }
  AURALIS_FN void keep(Sound::Side& side, int at) const {
    AURALIS_UNROLL for (int i = 0; i < equalizer_history; ++i) store(side.stepped[i] + at, stepped[i]);
    AURALIS_UNROLL for (int i = 0; i < equalizer_delay; ++i) store(side.smooth[i] + at, smooth[i]);
  }
};

// All but the first oscillator.
template <bool per_frame, bool moving>
struct Rest {
  Oscillator<Straight<per_frame>, moving> osc2;
  Straight<per_frame> sub_position;
  Line<moving> sub_level;
  Noise<moving> hiss;
  const float* sources;

  AURALIS_FN Rest(const Record& r, const Steps& steps, const Levels& levels, const Parts& parts, int at)
      : osc2(Straight<per_frame>{{r.phase2, steps.phase2, r.per_frame, at},
                                 {r.steepness2, steps.steepness2, r.per_frame, at}},
             levels, parts.used, sine2, at),
        sub_position{{r.phase_sub, steps.phase_sub, r.per_frame, at},
                     {r.steepness1, steps.steepness1, r.per_frame, at}},
        sub_level(levels.rows[sub], at),
        hiss(r, levels, at),
        sources(r.sources == nullptr ? nullptr : r.sources + at) {}

  // Each bus has something in every frame afterwards.
  template <int block>
  [[gnu::always_inline]] AURALIS_FN void add(Bus& to_equalize, Bus& plain, const Parts& parts) {
    osc2.template add<block>(to_equalize, plain, nullptr, parts.one_corner2);
    if (parts.used >> sub & 1u) {
      sub_position = add_shape<block>(plain, nullptr, sub_position, sub_level, SineShape());
    }
    if (parts.used >> noise & 1u) hiss.template add<block>(plain);
    if (sources != nullptr) {
      plain.template add<block>([this](int n) { return load<F>(sources + n * group_lanes); });
      sources += block * group_lanes;
    }
    to_equalize.template fill<block>();
    plain.template fill<block>();
  }
};

// Short cuts: not per_frame, where every lane is ramped; not moving, where no level is.
template <int block, bool per_frame, bool moving, typename Filter, typename Position, typename Amplitude,
          typename Out>
[[gnu::always_inline]] AURALIS_FN void sound_blocks(const Record& r, const Steps& steps, const Levels& levels,
                                                    const Parts& parts, Sound& s, Out out, Position position,
                                                    int at) {
  SideFrames<block> side;
  side.recall(s.left, ~load<I>(r.fresh + at), at);
  Bending<per_frame> bending(r, steps, s, at);
  Oscillator<Position, moving> osc1(position, levels, parts.used, sine1, at);
  Rest<per_frame, moving> rest(r, steps, levels, parts, at);
  Shaping<Filter, Amplitude> shaping(r, steps, levels, parts, s, at);

  for (int from = 0; from < quantum_frames; from += block) {
    Bus to_equalize{side.stepped + equalizer_history, true};
    Bus plain{side.smooth + equalizer_delay, true};
    if constexpr (std::is_same_v<Position, Bent>) {
      Point points[block];
      bending.template fill<block>(points);
      osc1.template add<block>(to_equalize, plain, points, false);
    } else {
      osc1.template add<block>(to_equalize, plain, nullptr, parts.one_corner1);
    }
    rest.template add<block>(to_equalize, plain, parts);

    if (parts.equalized) {
      shaping.template place<block>(from, out,
                                    [&](int n) { return side.smooth[n] + equalize(side.stepped + n); });
    } else {
      shaping.template place<block>(from, out, [&](int n) { return side.smooth[n]; });
    }
    side.go_on();
  }

  side.keep(s.left, at);
  shaping.keep(s, at);
  store(s.modulation + at, std::is_same_v<Position, Bent> ? bending.last : F{});
}

// Calls as<Filter, Amplitude, moving>(), as short as these parts allow: only_low, where neither band nor high is heard.
template <int block, bool per_frame, typename As>
[[gnu::always_inline]] AURALIS_FN void shape_as(const Parts& parts, As as) {
  if ((parts.used & rich_rows) != 0) {
    as.template operator()<RichFilter<per_frame>, StagedAmplitude, true>();
  } else if (per_frame || parts.stage_changes) {
    as.template operator()<PlainFilter<true, false, per_frame>, StagedAmplitude, true>();
  } else if (block < quantum_frames || (parts.used & (1u << band | 1u << high)) != 0) {
    as.template operator()<PlainFilter<true, false, false>, HeldAmplitude, true>();
  } else if (parts.moving) {
    as.template operator()<PlainFilter<true, true, false>, HeldAmplitude, true>();
  } else {
    as.template operator()<PlainFilter<false, true, false>, HeldAmplitude, false>();
  }
}

template <int block, typename Out>
AURALIS_RARE void sound_per_frame_lanes(const Record& r, const Steps& steps, const Levels& levels,
                                        const Parts& parts, Sound& s, Out out, int at) {
  const auto play = [&](auto position) {
    using Position = decltype(position);  // which it is here, and not always in a lambda within
    shape_as<block, true>(parts, [&]<typename Filter, typename Amplitude, bool moving>() {
      if constexpr (std::is_same_v<Amplitude, StagedAmplitude>) {
        sound_blocks<block, true, moving, Filter, Position, Amplitude>(r, steps, levels, parts, s, out,
                                                                       position, at);
      }
    });
  };
  if (parts.modulated) {
    play(Bent{F{}, F{}});
  } else {
    play(Straight<true>{{r.phase1, steps.phase1, r.per_frame, at},
                        {r.steepness1, steps.steepness1, r.per_frame, at}});
  }
}

// out.put(n, left, right) takes each frame's sound.
template <int block = quantum_frames, typename Out>
AURALIS_FN void sound_lanes(const Record& r, const Steps& steps, const Levels& levels, const Parts& parts,
                            Sound& s, Out out, int at) {
  if (parts.any_per_frame) return sound_per_frame_lanes<block>(r, steps, levels, parts, s, out, at);
  const auto play = [&](auto position) {
    using Position = decltype(position);  // which it is here, and not always in a lambda within
    shape_as<block, false>(parts, [&]<typename Filter, typename Amplitude, bool moving>() {
      sound_blocks<block, false, moving, Filter, Position, Amplitude>(r, steps, levels, parts, s, out,
                                                                      position, at);
    });
  };
  if (parts.modulated) {
    play(Bent{F{}, F{}});
  } else {
    play(Straight<false>{{r.phase1, steps.phase1, r.per_frame, at},
                         {r.steepness1, steps.steepness1, r.per_frame, at}});
  }
}

}  // namespace
}  // namespace auralis::AURALIS_ISA
