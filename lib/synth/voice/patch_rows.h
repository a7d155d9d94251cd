// SPDX-License-Identifier: MIT
// What a patch asks of a voice, in the units that the kernel computes in; each row beside how it comes from the patch.
//   ParamRows    slow, float64, once a quantum
//   LevelRow     levels at audio rate, float32
//   PatchTouch   how a note's pitch and velocity act on the rows
// A parameter of the voice is a line in model/patch.h, a row here, and what voice_impl.h does with it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "model/maths.h"
#include "model/patch.h"
#include "synth/quantum.h"

namespace auralis::voice {

inline constexpr int group_lanes = 16;

// ---- slow rows --------------------------------------------------------------------------------------------------

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
  // See ramp_speed_limit: what the modulation envelope moves, and the greatest speed at which it or the pitch can fall.
  Slow mod_depth, fastest;
  Slow drift_oct, drift_rate;  // draws per frame
};
using Params = ParamRows<group_lanes>;
using PatchParams = ParamRows<1>;

// The fastest that a ramp over a quantum may stand for. A lane is modulated per frame instead in a quantum in which an
// envelope may move its pitch or cutoff by an eighth of an octave, or its phase modulation by an eighth of a half cycle:
// there a straight line would be heard. An envelope's rate is in octaves per frame of its distance from its target: that
// times the distance is its speed, but for a factor of ln 2. What moves by less than least_depth counts as that, so that
// its short stages keep their times all the same.
inline constexpr double ramp_speed_limit = 0.125 / (quantum_frames * 0.6931471805599453);
inline constexpr double least_depth = 0.5;

inline constexpr double octaves_per_60_db = 9.965784284662087;  // log2(1000)

// The kernel's own exp2_of, whatever set it is of: what a row says of a whole quantum is to the bit what the kernel finds
// there frame by frame, so that it does not matter which of the two a lane goes by.
using Exp2 = double (*)(double);

struct Decay {
  double rate, factor, quantum;
};

inline Decay decay_over(double octaves, double frames, Exp2 exp2_of) {
  const double rate = octaves / frames;
  return {rate, exp2_of(-rate), exp2_of(-rate * quantum_frames)};
}

inline EnvelopeParams<1> envelope_of(double decay_s, double sustain_level, double release_s, int rate,
                                     Exp2 exp2_of) {
  const Decay decay = decay_over(octaves_per_60_db, decay_s * rate, exp2_of);
  const Decay release = decay_over(octaves_per_60_db, release_s * rate, exp2_of);
  return {{decay.rate},     {decay.factor},    {decay.quantum}, {release.rate},
          {release.factor}, {release.quantum}, {sustain_level}};
}

// The costliest rows, all from parameters that seldom move.
struct PatchEnvelopes {
  EnvelopeParams<1> amp, mod;
  double pitch_fall, pitch_fall_quantum;
};

constexpr bool shapes_envelopes(VoiceParam param) {
  using enum VoiceParam;
  return param == decay_s || param == sustain || param == release_s || param == mod_decay_s ||
         param == mod_sustain || param == mod_release_s || param == pitch_env_s;
}

inline PatchEnvelopes envelopes_of(const Patch& patch, int rate, Exp2 exp2_of) {
  using enum VoiceParam;
  const auto value = [&patch](VoiceParam param) { return static_cast<double>(patch[param]); };
  const double fall = maths::log2_e / (value(pitch_env_s) * rate);
  return {.amp = envelope_of(value(decay_s), value(sustain), value(release_s), rate, exp2_of),
          .mod = envelope_of(value(mod_decay_s), value(mod_sustain), value(mod_release_s), rate, exp2_of),
          .pitch_fall = fall,
          .pitch_fall_quantum = exp2_of(-fall * quantum_frames)};
}

inline PatchParams params_of(const Patch& patch, int rate, const PatchEnvelopes& envelopes) {
  using enum VoiceParam;
  const auto value = [&patch](VoiceParam param) { return static_cast<double>(patch[param]); };
  const double half_detune = value(detune_cents) / 2400.0;
  const EnvelopeParams<1>& mod = envelopes.mod;
  const double depth =
      std::max(std::abs(value(filter_env_oct)), value(fm_index) * value(fm_env) / std::numbers::pi);
  const double mod_depth = depth > 0.0 ? std::max(depth, least_depth) : 0.0;
  const double tune = value(tune_st) / 12.0;
  return {.tune1_oct = {tune - half_detune},
          .tune2_oct = {value(osc2_tune_st) / 12.0 + half_detune + tune},
          .vibrato_rate = {value(vibrato_hz) / rate},
          .vibrato_oct = {value(vibrato_cents) / 1200.0},
          .pitch_env_oct = {value(pitch_env_st) / 12.0},
          .pitch_env_rate = {envelopes.pitch_fall},
          .pitch_env_quantum = {envelopes.pitch_fall_quantum},
          .fm_ratio = {value(fm_ratio)},
          .fm_half_cycles = {value(fm_index) / std::numbers::pi},
          .fm_env = {value(fm_env)},
          .cutoff_oct = {maths::log2(value(cutoff_hz) / rate) + value(key_track) * tune},
          .cutoff_env_oct = {value(filter_env_oct)},
          .cutoff_lfo_rate = {value(filter_lfo_hz) / rate},
          .cutoff_lfo_oct = {value(filter_lfo_oct)},
          .pan = {value(pan)},
          .pan_lfo_rate = {value(pan_lfo_hz) / rate},
          .pan_lfo_depth = {value(pan_lfo_depth)},
          .level = {1.0},
          .amp = envelopes.amp,
          .mod = mod,
          .mod_depth = {mod_depth},
          .fastest = {std::max({mod_depth * mod.decay_rate[0], mod_depth * mod.release_rate[0],
                                std::abs(value(pitch_env_st)) / 12.0 * envelopes.pitch_fall})},
          .drift_oct = {value(drift_cents) / 1200.0},
          .drift_rate = {1.0 / (value(drift_s) * rate)}};
}

inline PatchParams params_of(const Patch& patch, int rate, Exp2 exp2_of) {
  return params_of(patch, rate, envelopes_of(patch, rate, exp2_of));
}

// ---- unison ------------------------------------------------------------------------------------------------------

inline constexpr int most_unison = 7;

// What a patch asks of all its notes' oscillators.
struct PatchUnison {
  double count = 1.0, half_spread_oct = 0.0, width = 0.0;
  bool operator==(const PatchUnison&) const = default;
};

inline PatchUnison unison_of(const Patch& patch) {
  using enum VoiceParam;
  const auto value = [&patch](VoiceParam param) { return static_cast<double>(patch[param]); };
  return {value(unison), value(unison_cents) / 2400.0, value(unison_width)};
}

// What becomes of it in one note, by oscillator.
template <int lanes>
struct alignas(lanes > 1 ? 64 : 8) UnisonParamRows {
  using Slow = double[lanes];
  Slow detune_oct[most_unison];  // above the first oscillator's pitch
  Slow left[most_unison], right[most_unison];
};
using UnisonParams = UnisonParamRows<group_lanes>;

// ---- levels at audio rate ---------------------------------------------------------------------------------------

// Audio-rate levels, in rows of float32: an oscillator's shapes, the other's, what else makes sound, and what shapes it.
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
  // What follows is 0 in most patches, and then costs nothing.
  pre_drive,       // see simd/drive.h
  pre_drive_gain,  // less 1
  post_drive,
  post_drive_gain,
  steeper,  // share of 24 dB an octave
  resist,   // how much of the filter's energy goes into its damping
  level_rows
};
inline constexpr int plain_rows = pre_drive;
inline constexpr uint32_t rich_rows = (1u << level_rows) - (1u << plain_rows);
// Those that make sound; the others shape it.
inline constexpr uint32_t unit_rows = (1u << (noise + 1)) - 1u;
// What needs the equaliser after it.
inline constexpr uint32_t equalized_rows =
    1u << triangle1 | 1u << step1 | 1u << second_step1 | 1u << triangle2 | 1u << step2 | 1u << second_step2;

struct PatchLevels {
  float rows[level_rows];
  bool modulated;
};

// How much of a shape between two whole numbers is this one.
inline double share(double shape, double of) { return std::max(0.0, 1.0 - std::abs(shape - of)); }

inline void set_shape(PatchLevels& levels, int first, double shape, double level) {
  const double saw = share(shape, 2.0);
  const double pulse = share(shape, 3.0);
  levels.rows[first + sine1] = static_cast<float>(level * share(shape, 0.0));
  levels.rows[first + triangle1] = static_cast<float>(level * share(shape, 1.0));
  levels.rows[first + step1] = static_cast<float>(level * (saw + pulse));
  levels.rows[first + second_step1] = static_cast<float>(-level * pulse);
}

// The gain makes up for what half of full scale loses.
inline void set_drive(PatchLevels& levels, int row, double drive) {
  const double a = 4.0 * drive;
  levels.rows[row] = static_cast<float>(a);
  levels.rows[row + 1] = static_cast<float>(std::sqrt(1.0 + 0.25 * a * a) - 1.0);
}

// A filter that rings by itself has this damping; its energy, the sum of its states' squares, adds to it until there is
// none left: it rings at half of full scale, and exactly at its cutoff, since without damping its states only turn.
inline constexpr double ringing_damping = -0.1;
inline constexpr double ringing_resist = 0.4;

inline PatchLevels levels_of(const Patch& patch) {
  using enum VoiceParam;
  const auto value = [&patch](VoiceParam param) { return static_cast<double>(patch[param]); };
  PatchLevels levels{};
  set_shape(levels, sine1, value(osc1_shape), value(osc1_level));
  set_shape(levels, sine2, value(osc2_shape), value(osc2_level));
  levels.rows[sub] = patch[sub_level];
  levels.rows[noise] = patch[noise_level];
  const double rings =
      value(self_oscillation) * value(resonance) * value(resonance) * value(resonance) * value(resonance);
  const double damped = 2.0 * maths::exp2(-2.0 * value(resonance) * maths::log2_10);
  levels.rows[damping] = static_cast<float>(damped + rings * (ringing_damping - damped));
  levels.rows[resist] = static_cast<float>(rings * ringing_resist);
  set_drive(levels, voice::pre_drive, value(VoiceParam::pre_drive));
  set_drive(levels, voice::post_drive, value(VoiceParam::post_drive));
  levels.rows[steeper] = static_cast<float>((value(filter_slope_db) - 12.0) / 12.0);
  levels.rows[low] = static_cast<float>(share(value(filter_shape), 0.0));
  levels.rows[band] = static_cast<float>(share(value(filter_shape), 1.0));
  levels.rows[high] = static_cast<float>(share(value(filter_shape), 2.0));
  levels.rows[voice::pulse_width] = 1.0F - patch[VoiceParam::pulse_width];  // the low part comes first
  levels.modulated = patch[fm_index] > 0.0F;
  return levels;
}

// ---- a note's touch ---------------------------------------------------------------------------------------------

// How a note's pitch and velocity act on its patch's params.
struct PatchTouch {
  double key_track, filter_vel_oct, velocity_db, fm_key;
  bool operator==(const PatchTouch&) const = default;
};

inline PatchTouch touch_of(const Patch& patch) {
  using enum VoiceParam;
  const auto value = [&patch](VoiceParam param) { return static_cast<double>(patch[param]); };
  return {value(key_track), value(filter_vel_oct), value(velocity_db), value(fm_key)};
}

}  // namespace auralis::voice
