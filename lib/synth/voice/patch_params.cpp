// SPDX-License-Identifier: MIT
#include "synth/voice/patch_params.h"

#include <algorithm>
#include <cmath>

#include "model/rng.h"
#include "synth/simd/functions.h"

namespace auralis::voice {
namespace {

using baseline::exp2_of;
using baseline::log2_of;
using enum VoiceParam;

constexpr double octaves_per_60_db = 9.965784284662087;  // log2(1000)
constexpr double log2_e = 1.4426950408889634;
constexpr double tau = 6.283185307179586;
constexpr double stolen_s = 0.05;  // any faster, and the fade itself is heard as a tick

struct Decay {
  double rate, factor, quantum;
};

Decay decay_over(double octaves, double frames) {
  const double rate = octaves / frames;
  return {rate, exp2_of(-rate), exp2_of(-rate * quantum_frames)};
}

EnvelopeParams<1> envelope_of(double decay_s, double sustain_level, double release_s, int rate) {
  const Decay decay = decay_over(octaves_per_60_db, decay_s * rate);
  const Decay release = decay_over(octaves_per_60_db, release_s * rate);
  return {{decay.rate},     {decay.factor},    {decay.quantum}, {release.rate},
          {release.factor}, {release.quantum}, {sustain_level}};
}

EnvelopeState<1> attack_of(double attack_s, const Note& note, int rate) {
  const double frames = std::max(1.0, attack_s * rate);
  const Decay attack = decay_over(attack_octaves, frames);
  return {{0.0}, {note.onset + frames}, {attack.rate}, {attack.factor}, {attack.quantum}};
}

// How much of a shape between two whole numbers is this one.
double share(double shape, double of) { return std::max(0.0, 1.0 - std::abs(shape - of)); }

void set_shape(PatchLevels& levels, int first, double shape, double level) {
  const double saw = share(shape, 2.0);
  const double pulse = share(shape, 3.0);
  levels.rows[first + sine1] = static_cast<float>(level * share(shape, 0.0));
  levels.rows[first + triangle1] = static_cast<float>(level * share(shape, 1.0));
  levels.rows[first + step1] = static_cast<float>(level * (saw + pulse));
  levels.rows[first + second_step1] = static_cast<float>(-level * pulse);
}

}  // namespace

void fade_stolen(PatchParams& params, int rate) {
  const Decay fade = decay_over(octaves_per_60_db, stolen_s * rate);
  if (params.amp.release_rate[0] >= fade.rate) return;
  params.amp.release_rate[0] = fade.rate;
  params.amp.release_factor[0] = fade.factor;
  params.amp.release_quantum[0] = fade.quantum;
}

PatchParams params_of(const Patch& patch, int rate) {
  const auto value = [&patch](VoiceParam param) { return static_cast<double>(patch[param]); };
  const double half_detune = value(detune_cents) / 2400.0;
  const double fall = log2_e / (value(pitch_env_s) * rate);
  const EnvelopeParams<1> mod =
      envelope_of(value(mod_decay_s), value(mod_sustain), value(mod_release_s), rate);
  const double depth = std::max(std::abs(value(filter_env_oct)), value(fm_index) * value(fm_env) * 2.0 / tau);
  const double mod_depth = depth > 0.0 ? std::max(depth, least_depth) : 0.0;
  return {.tune1_oct = {-half_detune},
          .tune2_oct = {value(osc2_tune_st) / 12.0 + half_detune},
          .vibrato_rate = {value(vibrato_hz) / rate},
          .vibrato_oct = {value(vibrato_cents) / 1200.0},
          .pitch_env_oct = {value(pitch_env_st) / 12.0},
          .pitch_env_rate = {fall},
          .pitch_env_quantum = {exp2_of(-fall * quantum_frames)},
          .fm_ratio = {value(fm_ratio)},
          .fm_half_cycles = {2.0 * value(fm_index) / tau},
          .fm_env = {value(fm_env)},
          .cutoff_oct = {log2_of(value(cutoff_hz) / rate)},
          .cutoff_env_oct = {value(filter_env_oct)},
          .cutoff_lfo_rate = {value(filter_lfo_hz) / rate},
          .cutoff_lfo_oct = {value(filter_lfo_oct)},
          .pan = {value(pan)},
          .pan_lfo_rate = {value(pan_lfo_hz) / rate},
          .pan_lfo_depth = {value(pan_lfo_depth)},
          .level = {1.0},
          .amp = envelope_of(value(decay_s), value(sustain), value(release_s), rate),
          .mod = mod,
          .mod_depth = {mod_depth},
          .fastest = {std::max({mod_depth * mod.decay_rate[0], mod_depth * mod.release_rate[0],
                                std::abs(value(pitch_env_st)) / 12.0 * fall})}};
}

PatchLevels levels_of(const Patch& patch) {
  const auto value = [&patch](VoiceParam param) { return static_cast<double>(patch[param]); };
  PatchLevels levels{};
  set_shape(levels, sine1, value(osc1_shape), value(osc1_level));
  set_shape(levels, sine2, value(osc2_shape), value(osc2_level));
  levels.rows[sub] = patch[sub_level];
  levels.rows[noise] = patch[noise_level];
  levels.rows[damping] = static_cast<float>(2.0 * exp2_of(-2.0 * value(resonance) * log2_of(10.0)));
  levels.rows[low] = static_cast<float>(share(value(filter_shape), 0.0));
  levels.rows[band] = static_cast<float>(share(value(filter_shape), 1.0));
  levels.rows[high] = static_cast<float>(share(value(filter_shape), 2.0));
  levels.rows[voice::pulse_width] = 1.0F - patch[VoiceParam::pulse_width];  // the low part comes first
  levels.modulated = patch[fm_index] > 0.0F;
  return levels;
}

PatchTouch touch_of(const Patch& patch) {
  const auto value = [&patch](VoiceParam param) { return static_cast<double>(patch[param]); };
  return {value(key_track), value(filter_vel_oct), value(velocity_db)};
}

LaneControl begin_voice(const Note& note, std::string_view name, const Patch& patch, int rate) {
  Rng chance(note.id, name);
  LaneControl c{};
  c.active[0] = 1.0;
  c.fresh[0] = 1.0;
  c.onset[0] = note.onset;
  c.release_left[0] = static_cast<double>(note.onset + note.frames);
  c.base_increment[0] = 440.0 / rate * exp2_of((note.pitch - 69.0) / 12.0);
  for (double* phase :
       {c.phase1, c.phase2, c.phase_sub, c.phase_fm, c.vibrato_phase, c.cutoff_phase, c.pan_phase}) {
    *phase = chance.uniform();
  }
  c.pitch_env[0] = 1.0;
  c.amp = attack_of(patch[attack_s], note, rate);
  c.mod = attack_of(patch[mod_attack_s], note, rate);
  c.noise_key[0] = static_cast<double>(static_cast<int32_t>(chance.next()));
  return c;
}

}  // namespace auralis::voice
