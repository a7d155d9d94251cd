// SPDX-License-Identifier: MIT
// The parameter table: every number that shapes the sound, with its unit, range, default and meaning.
// The one source for presets, `patch` and `change` events, the synthesizer and auralis-preset.5.
//   voice parameters    one set a layer; every layer, percussion included, is a patch of the same voice
//   master parameters   one set a piece: the effects every layer sends to, and the output
//   errors              find_* answer nullptr/nullopt for an unknown name
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace auralis {

enum class Curve { linear, logarithmic };  // how a control for it should move, and how it is morphed

// X(name, unit, min, max, default, curve, meaning); Y likewise, for what the first streams did without: an event leaves it
// out where it is as the layer's built-in sound has it.
#define AURALIS_VOICE_PARAMS(X, Y)                                                                           \
  X(osc1_shape, "", 0, 3, 2, linear,                                                                         \
    "first oscillator: 0 sine, 1 triangle, 2 saw, 3 pulse, morphing between")                                \
  X(osc2_shape, "", 0, 3, 2, linear, "second oscillator, as osc1_shape")                                     \
  X(osc1_level, "", 0, 1, 0.5, linear, "level of the first oscillator")                                      \
  X(osc2_level, "", 0, 1, 0.5, linear, "level of the second oscillator")                                     \
  X(osc2_tune_st, "semitones", -36, 36, 0, linear, "second oscillator above the first")                      \
  X(detune_cents, "cents", 0, 50, 8, linear, "distance between the oscillators, half of it each way")        \
  Y(tune_st, "semitones", -96, 96, 0, linear, "whole sound above the note; a bend of what sounds")           \
  X(pulse_width, "", 0.05, 0.95, 0.5, linear, "share of the pulse that is high")                             \
  X(sub_level, "", 0, 1, 0, linear, "sine one octave below the first oscillator")                            \
  X(noise_level, "", 0, 1, 0, linear, "white noise into the filter")                                         \
  X(fm_ratio, "", 0.25, 16, 2, logarithmic, "modulator frequency over carrier, the first oscillator")        \
  X(fm_index, "radians", 0, 8, 0, linear, "peak phase modulation of the first oscillator")                   \
  X(fm_env, "", 0, 1, 1, linear, "share of fm_index that follows the modulation envelope")                   \
  X(pitch_env_st, "semitones", -48, 48, 0, linear, "pitch at the onset, above the note")                     \
  X(pitch_env_s, "seconds", 0.001, 10, 0.05, logarithmic, "time constant of the fall to the note's pitch")   \
  X(vibrato_hz, "hertz", 0.01, 10, 0.15, logarithmic, "rate of the pitch LFO; each voice its own phase")     \
  X(vibrato_cents, "cents", 0, 100, 3, linear, "depth of the pitch LFO, either way")                         \
  X(filter_shape, "", 0, 2, 0, linear, "0 low-pass, 1 band-pass, 2 high-pass, morphing between")             \
  X(cutoff_hz, "hertz", 20, 20000, 2000, logarithmic, "filter cutoff before modulation")                     \
  X(resonance, "", 0, 1, 0.15, linear, "0: Q 0.5; 1: Q 50, near self-oscillation; Q = 0.5·100^resonance")    \
  X(filter_env_oct, "octaves", -8, 8, 0, linear, "modulation envelope to cutoff")                            \
  X(filter_vel_oct, "octaves", 0, 4, 1, linear, "velocity to cutoff: full velocity 0, silence minus this")   \
  X(filter_lfo_hz, "hertz", 0.01, 10, 0.1, logarithmic, "rate of the cutoff LFO; each voice its own phase")  \
  X(filter_lfo_oct, "octaves", 0, 4, 0.3, linear, "depth of the cutoff LFO, either way")                     \
  X(key_track, "", 0, 1, 0.3, linear, "cutoff follows pitch from MIDI 60; 1 is octave for octave")           \
  X(attack_s, "seconds", 0.001, 60, 0.5, logarithmic, "amplitude envelope: silence to full")                 \
  X(decay_s, "seconds", 0.001, 60, 2, logarithmic,                                                           \
    "amplitude envelope: full to 1/1000 of the way to sustain")                                              \
  X(sustain, "", 0, 1, 0.8, linear, "amplitude envelope: level held until release")                          \
  X(release_s, "seconds", 0.005, 60, 3, logarithmic, "amplitude envelope: release to -60 dB")                \
  X(mod_attack_s, "seconds", 0.001, 60, 0.5, logarithmic, "modulation envelope, as attack_s")                \
  X(mod_decay_s, "seconds", 0.001, 60, 2, logarithmic, "modulation envelope, as decay_s")                    \
  X(mod_sustain, "", 0, 1, 0.5, linear, "modulation envelope, as sustain")                                   \
  X(mod_release_s, "seconds", 0.005, 60, 3, logarithmic, "modulation envelope, as release_s")                \
  X(velocity_db, "decibels", 0, 60, 24, linear, "level range of velocity: 1 is full, 0 this far below")      \
  X(pan, "", -1, 1, 0, linear, "layer position, added to each note's")                                       \
  X(pan_lfo_hz, "hertz", 0.01, 10, 0.07, logarithmic, "rate of the pan LFO; each voice its own phase")       \
  X(pan_lfo_depth, "", 0, 1, 0.2, linear, "depth of the pan LFO, either way")                                \
  Y(unison, "", 1, 7, 1, linear, "oscillators in place of the first, as loud together; morphing between")    \
  Y(unison_cents, "cents", 0, 100, 16, linear, "distance between the outermost of them; drawn for a note")   \
  Y(unison_width, "", 0, 1, 0.8, linear, "how far apart they stand from left to right; drawn for a note")    \
  Y(drift_cents, "cents", 0, 50, 0, linear, "how far each oscillator strays by itself at most, either way")  \
  Y(drift_s, "seconds", 0.2, 60, 5, logarithmic, "time in which an oscillator strays anew")                  \
  Y(fm_key, "", 0, 1, 0, linear, "fall of fm_index with pitch: at 1 by half for an octave above MIDI 60")    \
  Y(pre_drive, "", 0, 1, 0, linear, "saturation of what goes into the filter")                               \
  Y(post_drive, "", 0, 1, 0, linear, "saturation of what comes out of the filter")                           \
  Y(filter_slope_db, "decibels", 12, 24, 12, linear, "the filter's fall over an octave, morphing between")   \
  Y(self_oscillation, "", 0, 1, 0, linear, "at 1, resonance 1 rings for ever, by itself, at the cutoff")     \
  Y(body_level, "", 0, 1, 0, linear, "level of a struck or rubbed body, beside the oscillators'")            \
  Y(body_shape, "", 0, 3, 1, linear, "its partials: 0 bar, 1 bowl, 2 glass, 3 plate, morphing between")      \
  Y(body_decay_s, "seconds", 0.05, 60, 6, logarithmic, "RT60 of its lowest partial")                         \
  Y(body_damping, "", 0, 1, 0.5, linear, "how much sooner its high partials die away")                       \
  Y(body_strike, "", 0, 1, 0.4, linear, "hardness of what strikes it; a soft note is struck more softly")    \
  Y(body_place, "", 0, 1, 0.3, linear, "where it is struck, from its edge to its middle")                    \
  Y(body_rub, "", 0, 1, 0, linear, "how strongly it is rubbed, for as long as the note is held")             \
  Y(string_level, "", 0, 1, 0, linear, "level of a string or a pipe")                                        \
  Y(string_touch, "", 0, 2, 0, linear, "0 plucked string, 1 bowed string, 2 blown pipe, morphing between")   \
  Y(string_decay_s, "seconds", 0.05, 60, 5, logarithmic, "RT60 of a plucked string")                         \
  Y(string_tone, "", 0, 1, 0.6, linear, "how bright it is: what it loses at each turn")                      \
  Y(string_force, "", 0, 1, 0.5, linear, "how hard it is plucked, pressed or blown")                         \
  Y(string_place, "", 0.02, 0.5, 0.13, linear,                                                               \
    "where it is plucked or bowed, of its length; as of the onset")                                          \
  Y(string_noise, "", 0, 1, 0.3, linear, "rosin under the bow, wind in the breath")                          \
  Y(choir_level, "", 0, 1, 0, linear, "level of a choir of four")                                            \
  Y(choir_vowel, "", 0, 4, 2, linear, "its vowel: 0 u, 1 o, 2 a, 3 e, 4 i, morphing between")                \
  Y(choir_size_st, "semitones", -12, 12, 0, linear, "how much higher its formants are; children about 4")    \
  Y(choir_cents, "cents", 0, 50, 12, linear, "how far its singers are apart, and stray")                     \
  Y(wave_level, "", 0, 1, 0, linear, "level of a wave of given partials, four times")                        \
  Y(wave_table, "", 0, 4, 0, linear,                                                                         \
    "0 organ, 1 bowed, 2 reed, 3 sweep, 4 the patch's own, morphing between")                                \
  Y(wave_position, "", 0, 1, 0, linear, "where in its table it is")                                          \
  Y(wave_cents, "cents", 0, 50, 8, linear, "how far the four are apart, and stray")                          \
  Y(air_level, "", 0, 1, 0, linear, "level of weather and air")                                              \
  Y(air_shape, "", 0, 3, 0, linear, "0 rain, 1 surf, 2 wind at the note's pitch, 3 vinyl, morphing between") \
  Y(air_rate_hz, "hertz", 0.1, 2000, 60, logarithmic, "drops of rain, or clicks of vinyl, a second")         \
  Y(air_period_s, "seconds", 1, 60, 9, logarithmic, "from one wave or gust to the next, about")              \
  Y(air_tone, "", 0, 1, 0.5, linear, "how bright it is; of rain, from a deep roof to leaves")                \
  X(gain_db, "decibels", -60, 12, -18, linear, "level of the layer in the mix")                              \
  X(trim_db, "decibels", -60, 6, 0, linear, "a listener's fader on the layer; -60 is silence")               \
  X(chorus_send, "", 0, 1, 0, linear, "share of the layer that passes through the chorus")                   \
  X(delay_send, "", 0, 1, 0.15, linear, "layer to delay")                                                    \
  X(reverb_send, "", 0, 1, 0.4, linear, "layer to reverb")                                                   \
  X(cloud_send, "", 0, 1, 0, linear, "layer to the granular cloud")                                          \
  X(resonator_send, "", 0, 1, 0, linear, "layer to the resonator bank")                                      \
  Y(spectral_send, "", 0, 1, 0, linear, "layer to the spectral smear")                                       \
  Y(duck_db, "decibels", 0, 24, 0, linear, "how far a full hit of the layer low pushes this one down")

#define AURALIS_MASTER_PARAMS(X, Y)                                                                         \
  X(gain_db, "decibels", -60, 24, 0, linear, "level of the whole mix before the limiter")                   \
  X(ceiling_db, "dBTP", -12, -0.1, -1, linear, "true-peak ceiling of the limiter")                          \
  X(chorus_hz, "hertz", 0.01, 5, 0.25, logarithmic, "rate of the chorus")                                   \
  X(chorus_depth_ms, "milliseconds", 0, 10, 3, linear, "depth of the chorus")                               \
  X(delay_left_s, "seconds", 0.02, 4, 0.61, logarithmic, "delay of the left tap")                           \
  X(delay_right_s, "seconds", 0.02, 4, 0.83, logarithmic, "delay of the right tap")                         \
  X(delay_feedback, "", 0, 0.95, 0.5, linear, "share of each tap fed to the other side")                    \
  X(delay_low_hz, "hertz", 20, 2000, 150, logarithmic, "high-pass in the feedback")                         \
  X(delay_high_hz, "hertz", 500, 20000, 3500, logarithmic, "low-pass in the feedback")                      \
  X(delay_mod_hz, "hertz", 0.01, 5, 0.13, logarithmic, "rate of the taps' modulation")                      \
  X(delay_mod_ms, "milliseconds", 0, 20, 2, linear, "depth of the taps' modulation")                        \
  X(delay_level, "", 0, 1, 0.7, linear, "delay return")                                                     \
  X(delay_to_reverb, "", 0, 1, 0.3, linear, "delay to reverb")                                              \
  X(reverb_time_s, "seconds", 0.3, 60, 6, logarithmic, "RT60 in the middle band")                           \
  X(reverb_predelay_s, "seconds", 0, 0.25, 0.04, linear, "time before the reverb begins")                   \
  X(reverb_size, "", 0.5, 1.5, 1, linear, "scale of the room's delay lines")                                \
  X(reverb_bass, "", 0.3, 2, 0.9, logarithmic, "RT60 below 250 Hz over that of the middle band")            \
  X(reverb_treble, "", 0.05, 1, 0.4, logarithmic, "RT60 above 5 kHz over that of the middle band")          \
  X(reverb_low_cut_hz, "hertz", 20, 1000, 300, logarithmic, "high-pass before the reverb")                  \
  X(reverb_mod, "", 0, 1, 0.4, linear, "depth of the slow modulation inside the reverb")                    \
  X(reverb_level, "", 0, 1, 0.6, linear, "reverb return")                                                   \
  X(reverb_freeze, "", 0, 1, 0, linear, "1 holds what sounds in the reverb and lets nothing in")            \
  X(shimmer, "", 0, 1, 0, linear, "share of the reverb that rises instead of dying away")                   \
  X(shimmer_st, "semitones", -12, 24, 12, linear, "pitch shift of the shimmer")                             \
  X(cloud_level, "", 0, 1, 0, linear, "granular cloud return")                                              \
  X(cloud_size_ms, "milliseconds", 20, 500, 120, logarithmic, "length of a grain")                          \
  X(cloud_density_hz, "hertz", 0.5, 60, 12, logarithmic, "grains a second")                                 \
  X(cloud_reach_s, "seconds", 0.1, 4, 2, linear, "how far back grains are taken from")                      \
  X(cloud_pitch_st, "semitones", -24, 24, 12, linear, "transposition of half of the grains")                \
  X(cloud_to_reverb, "", 0, 1, 0.6, linear, "granular cloud to reverb")                                     \
  X(resonator_level, "", 0, 1, 0, linear, "resonator bank return")                                          \
  X(resonator_decay_s, "seconds", 0.1, 20, 4, logarithmic,                                                  \
    "RT60 of the resonators, tuned to the present chord")                                                   \
  X(resonator_to_reverb, "", 0, 1, 0.5, linear, "resonator bank to reverb")                                 \
  Y(eq_low_cut_hz, "hertz", 5, 200, 5, logarithmic, "low cut of the mix, 24 dB an octave; 5 is off")        \
  Y(eq_low_hz, "hertz", 20, 1000, 120, logarithmic, "middle of the low shelf's slope")                      \
  Y(eq_low_db, "decibels", -18, 18, 0, linear, "low shelf")                                                 \
  Y(eq_bell1_hz, "hertz", 30, 16000, 400, logarithmic, "middle of the first bell")                          \
  Y(eq_bell1_db, "decibels", -18, 18, 0, linear, "first bell")                                              \
  Y(eq_bell1_q, "", 0.2, 10, 0.7, logarithmic, "narrowness of the first bell")                              \
  Y(eq_bell2_hz, "hertz", 30, 16000, 2500, logarithmic, "middle of the second bell")                        \
  Y(eq_bell2_db, "decibels", -18, 18, 0, linear, "second bell")                                             \
  Y(eq_bell2_q, "", 0.2, 10, 0.7, logarithmic, "narrowness of the second bell")                             \
  Y(eq_high_hz, "hertz", 500, 16000, 6000, logarithmic, "middle of the high shelf's slope")                 \
  Y(eq_high_db, "decibels", -18, 18, 0, linear, "high shelf")                                               \
  Y(width_mono_hz, "hertz", 20, 500, 20, logarithmic, "mono below, by 12 dB an octave; 20 is off")          \
  Y(width_db, "decibels", -60, 12, 0, linear, "level of the sides, what left and right have not in common") \
  Y(tape_wow_cents, "cents", 0, 50, 0, linear, "slow wavering of the pitch, either way at most")            \
  Y(tape_flutter_cents, "cents", 0, 50, 0, linear, "fast wavering of the pitch, either way at most")        \
  Y(tape_drive_db, "decibels", 0, 12, 0, linear,                                                            \
    "how much loud sound saturates; soft sound keeps its level")                                            \
  Y(tape_hiss_db, "dBFS", -120, -30, -120, linear, "level of the hiss; -120 is none")                       \
  Y(dynamics_ratio, "", 1, 20, 1, logarithmic,                                                              \
    "decibels above a band's threshold for one more out; 1 is off")                                         \
  Y(dynamics_low_hz, "hertz", 40, 500, 120, logarithmic, "between the low band and the middle one")         \
  Y(dynamics_high_hz, "hertz", 1000, 12000, 3500, logarithmic, "between the middle band and the high one")  \
  Y(dynamics_low_db, "dBFS", -48, 0, -9, linear, "threshold of the low band")                               \
  Y(dynamics_mid_db, "dBFS", -48, 0, -6, linear, "threshold of the middle band")                            \
  Y(dynamics_high_db, "dBFS", -48, 0, -12, linear, "threshold of the high band")                            \
  Y(dynamics_attack_ms, "milliseconds", 1, 100, 3, logarithmic, "time constant of more reduction")          \
  Y(dynamics_release_s, "seconds", 0.02, 3, 0.25, logarithmic, "time constant of less reduction")           \
  Y(reverb_turn, "", 0, 1, 0, linear,                                                                       \
    "slow turns of what feeds what in the reverb, which even out long tails")                               \
  Y(cloud_overlap, "", 0, 16, 0, linear,                                                                    \
    "grains at a time, at even distances and in step with the chord; 0: cloud_density_hz counts")           \
  Y(spectral_level, "", 0, 1, 0, linear, "spectral smear return")                                           \
  Y(spectral_smear_s, "seconds", 0.5, 60, 6, logarithmic, "RT60 of the smear")                              \
  Y(spectral_freeze, "", 0, 1, 0, linear, "1 holds what sounds in the smear and lets nothing in")           \
  Y(spectral_to_reverb, "", 0, 1, 0.3, linear, "spectral smear to reverb")                                  \
  Y(duck_attack_ms, "milliseconds", 5, 500, 40, logarithmic,                                                \
    "time constant with which hits push layers down")                                                       \
  Y(duck_release_s, "seconds", 0.05, 10, 0.8, logarithmic, "time constant with which they come back")

#define AURALIS_ENUM(name, ...) name,
enum class VoiceParam : size_t { AURALIS_VOICE_PARAMS(AURALIS_ENUM, AURALIS_ENUM) count };
enum class MasterParam : size_t { AURALIS_MASTER_PARAMS(AURALIS_ENUM, AURALIS_ENUM) count };
#undef AURALIS_ENUM

struct ParamInfo {
  std::string_view name;
  std::string_view unit;
  double min;
  double max;
  double initial;
  Curve curve;
  std::string_view meaning;
  bool since_first = true;  // part of the first streams
};

inline constexpr size_t voice_param_count = static_cast<size_t>(VoiceParam::count);
inline constexpr size_t master_param_count = static_cast<size_t>(MasterParam::count);

#define AURALIS_INFO(name, unit, min, max, initial, curve, meaning) \
  ParamInfo{#name, unit, min, max, initial, Curve::curve, meaning},
#define AURALIS_LATER(name, unit, min, max, initial, curve, meaning) \
  ParamInfo{#name, unit, min, max, initial, Curve::curve, meaning, false},
inline constexpr std::array<ParamInfo, voice_param_count> voice_params{
    {AURALIS_VOICE_PARAMS(AURALIS_INFO, AURALIS_LATER)}};
inline constexpr std::array<ParamInfo, master_param_count> master_params{
    {AURALIS_MASTER_PARAMS(AURALIS_INFO, AURALIS_LATER)}};
#undef AURALIS_INFO
#undef AURALIS_LATER

// A full set of values, indexed by VoiceParam or MasterParam.
template <typename Param, size_t Count>
struct ParamSet {
  std::array<float, Count> values;

  float& operator[](Param p) { return values[static_cast<size_t>(p)]; }
  float operator[](Param p) const { return values[static_cast<size_t>(p)]; }
  bool operator==(const ParamSet&) const = default;
};
using Patch = ParamSet<VoiceParam, voice_param_count>;
using MasterPatch = ParamSet<MasterParam, master_param_count>;

Patch default_patch();
MasterPatch default_master_patch();

std::optional<VoiceParam> find_voice_param(std::string_view name);
std::optional<MasterParam> find_master_param(std::string_view name);
std::span<const std::string_view> voice_param_names();
std::span<const std::string_view> master_param_names();

}  // namespace auralis
