// SPDX-License-Identifier: MIT
#include "torch/voice/reference.h"

#include <ATen/ATen.h>

#include <vector>

#include "synth/simd/functions.h"
#include "synth/voice/lane_step.h"
#include "torch/voice/sources.h"
#include "torch/voice/units.h"

namespace auralis::voice {
namespace {

using at::Tensor;
using enum VoiceParam;

constexpr double log2_e = 1.4426950408889634;

// A value per voice, [voices, 1].
using PerVoice = Tensor;

// Slow signals are [voices, frames + 1], so that the last quantum has an end.
struct Clock {
  Slow slow;
  Tensor frames;     // [1, frames + 1] since the block began
  Tensor per_frame;  // [voices, quanta]

  static Tensor edges(const Tensor& signal) {  // of the quanta
    return signal.slice(1, 0, c10::nullopt, quantum_frames);
  }
  static Tensor begins(const Tensor& signal) { return edges(each_frame(signal)); }

  Tensor straight(const Tensor& signal) const {
    if (slow == Slow::every_frame) return each_frame(signal);
    const Tensor ends = edges(signal);
    const Tensor from = begins(signal).unsqueeze(2);
    const Tensor to = ends.narrow(1, 1, ends.size(1) - 1).unsqueeze(2);
    const Tensor n = at::arange(quantum_frames, ends.options()) / static_cast<double>(quantum_frames);
    return (from + (to - from) * n).flatten(1);
  }
  // Of what the modulation and pitch envelopes move.
  Tensor followed(const Tensor& signal) const {
    return at::where(per_frame.repeat_interleave(quantum_frames, 1), each_frame(signal), straight(signal));
  }
  static Tensor each_frame(const Tensor& signal) { return signal.narrow(1, 0, signal.size(1) - 1); }
  // The sum of all increments before each frame.
  static Tensor phase(const PerVoice& start, const Tensor& increment) {
    return start + at::cumsum(increment, 1) - increment;
  }
};

Tensor exp2_of(const Tensor& x) { return at::exp2(x); }
Tensor share(const PerVoice& shape, double of) { return at::clamp_min(1.0 - at::abs(shape - of), 0.0); }

struct Envelope {
  PerVoice attack, decay, sustain, release;  // frames, level
  PerVoice onset, held;                      // frames

  Tensor at(const Tensor& frame) const {
    const Tensor since = frame - onset;
    const Tensor risen = rise(since);
    const Tensor decayed = fall(since);
    const Tensor at_release = at::where(held < attack, rise(held), fall(held));
    const Tensor released = at_release * exp2_of(-octaves_60_db * at::clamp_min(since - held, 0.0) / release);
    const Tensor sounding = at::where(since < held, at::where(since < attack, risen, decayed), released);
    return at::where(since < 0.0, at::zeros_like(sounding), sounding);
  }

  // The most it may move by in the quanta that begin at these frames, as the kernel takes it.
  Tensor speed(const Tensor& begin) const {
    const Tensor since = begin - onset;
    const Tensor rises = (since < attack) & (since < held);
    const Tensor falls = (attack - since < quantum_frames) & (since < held);
    const Tensor fades = held - since < quantum_frames;
    const Tensor level = at::where(rises, at::ones_like(since), at(begin));
    return at::maximum(at::maximum(rises * attack_octaves / attack,
                                   falls * at::abs(level - sustain) * octaves_60_db / decay),
                       fades * level * octaves_60_db / release);
  }

 private:
  static constexpr double octaves_60_db = 9.965784284662087;
  Tensor rise(const Tensor& since) const {
    const Tensor root = attack_target * (1.0 - exp2_of(-attack_octaves * at::clamp_min(since, 0.0) / attack));
    return root * root;
  }
  Tensor fall(const Tensor& since) const {
    return sustain + (1.0 - sustain) * exp2_of(-octaves_60_db * at::clamp_min(since - attack, 0.0) / decay);
  }
};

// What a unison's notes draw, [voices, oscillators].
struct Drawn {
  Tensor high, side, phase;
};

Drawn drawn_for(std::span<const int32_t> keys, const at::TensorOptions& real) {
  std::vector<double> high, side, phase;
  for (const int32_t signed_key : keys) {
    const auto key = static_cast<uint32_t>(signed_key);
    const auto stands = baseline::drawn_unison(key);
    const auto begins = baseline::begin_unison(key);
    for (int k = 0; k < most_unison; ++k) {
      high.push_back(stands.high[k]);
      side.push_back(stands.side[k]);
      phase.push_back(begins.phase[k][0]);
    }
  }
  const auto rows = [&](const std::vector<double>& values) {
    return at::tensor(values).to(real).reshape({static_cast<int64_t>(keys.size()), most_unison});
  };
  return {rows(high), rows(side), rows(phase)};
}

// Where a unison's oscillators stand, [voices, oscillators].
struct Unisons {
  Tensor detune_oct, left, right;
};

Unisons unisons_of(const Drawn& drawn, const PerVoice& count, const PerVoice& cents, const PerVoice& width) {
  const Tensor share =
      at::clamp(count - at::arange(most_unison, count.options().requires_grad(false)), 0.0, 1.0);
  const Tensor weight = share * share;
  const PerVoice power = weight.sum(1, true);
  const auto off_mean = [&](const Tensor& x) { return x - (weight * x).sum(1, true) / power; };
  const Tensor angle = (at::clamp(width * off_mean(drawn.side), -1.0, 1.0) + 1.0) * (M_PI / 4.0);
  const Tensor level = share / at::sqrt(0.5 * power);
  return {cents / 2400.0 * off_mean(drawn.high), level * at::cos(angle), level * at::sin(angle)};
}

// How far each oscillator has strayed, in octaves; `position` counts its draws.
Tensor strayed(const PerVoice& octaves, const Tensor& position, const Tensor& key, int64_t oscillator) {
  return octaves * wander(position + 0.3819660112501051 * static_cast<double>(oscillator),
                          key + int64_t{0x85ebca6b} * oscillator);
}

// The levels at audio rate that do not move.
void set_levels(Signals& s, const Tensor& patch) {
  const auto param = [&patch](VoiceParam p) { return patch.narrow(1, static_cast<int64_t>(p), 1); };
  const auto shape = [&](int first, VoiceParam which, VoiceParam how_much) {
    const PerVoice saw = share(param(which), 2.0);
    const PerVoice pulse = share(param(which), 3.0);
    s.levels[first + sine1] = param(how_much) * share(param(which), 0.0);
    s.levels[first + triangle1] = param(how_much) * share(param(which), 1.0);
    s.levels[first + step1] = param(how_much) * (saw + pulse);
    s.levels[first + second_step1] = -param(how_much) * pulse;
    s.levels[first + second_sine1] = at::zeros_like(saw);
  };
  shape(sine1, osc1_shape, osc1_level);
  shape(sine2, osc2_shape, osc2_level);
  s.levels[sub] = param(sub_level);
  s.levels[noise] = param(noise_level);
  const PerVoice rings = param(self_oscillation) * at::pow(param(resonance), 4);
  const PerVoice damped = 2.0 * at::pow(100.0, -param(resonance));
  s.levels[damping] = damped + rings * (ringing_damping - damped);
  s.levels[resist] = rings * ringing_resist;
  const auto drive = [&](int row, VoiceParam how_much) {
    s.levels[row] = 4.0 * param(how_much);
    s.levels[row + 1] = at::sqrt(1.0 + 0.25 * at::square(s.levels[row])) - 1.0;
  };
  drive(voice::pre_drive, VoiceParam::pre_drive);
  drive(voice::post_drive, VoiceParam::post_drive);
  s.levels[steeper] = (param(filter_slope_db) - 12.0) / 12.0;
  s.levels[low] = share(param(filter_shape), 0.0);
  s.levels[band] = share(param(filter_shape), 1.0);
  s.levels[high] = share(param(filter_shape), 2.0);
  s.levels[voice::pulse_width] = 1.0 - param(VoiceParam::pulse_width);
}

}  // namespace

Tensor reference_voice(const Tensor& patch, std::span<const Note> notes, std::string_view layer_name,
                       int rate, int64_t frames, Slow slow) {
  const auto voices = static_cast<int64_t>(notes.size());
  const auto param = [&patch](VoiceParam p) { return patch.narrow(1, static_cast<int64_t>(p), 1); };
  const int64_t quanta = (frames + quantum_frames - 1) / quantum_frames;
  const at::TensorOptions real = patch.options().requires_grad(false);
  Clock clock{slow, at::arange(quanta * quantum_frames + 1, real).unsqueeze(0), {}};

  // What chance and the note give each voice, as the kernel gets it.
  const auto per_voice = [&](const auto& value) {
    std::vector<double> values;
    for (const Note& note : notes) {
      values.push_back(value(note, begin_voice(note, layer_name, default_patch(), rate)));
    }
    return at::tensor(values).to(real).unsqueeze(1);
  };
  const PerVoice pitch = per_voice([](const Note& note, const LaneControl&) { return note.pitch; });
  const PerVoice vel = per_voice([](const Note& note, const LaneControl&) { return note.vel; });
  const PerVoice note_pan = per_voice([](const Note& note, const LaneControl&) { return note.pan; });
  const PerVoice onset = per_voice([](const Note& note, const LaneControl&) { return double(note.onset); });
  const PerVoice held = per_voice([](const Note& note, const LaneControl&) { return double(note.frames); });
  const PerVoice base = per_voice([](const Note&, const LaneControl& c) { return c.base_increment[0]; });
  std::vector<int32_t> keys;
  for (const Note& note : notes) {
    const LaneControl begun = begin_voice(note, layer_name, default_patch(), rate);
    keys.push_back(static_cast<int32_t>(begun.noise_key[0]));
  }
  const auto chance = [&](auto row) {
    return per_voice([row](const Note&, const LaneControl& c) { return (c.*row)[0]; });
  };

  // Envelopes and LFOs.
  const Envelope amp{
      param(attack_s) * rate, param(decay_s) * rate, param(sustain), param(release_s) * rate, onset, held};
  const Envelope mod{param(mod_attack_s) * rate,
                     param(mod_decay_s) * rate,
                     param(mod_sustain),
                     param(mod_release_s) * rate,
                     onset,
                     held};
  const Tensor mod_level = mod.at(clock.frames);
  const auto lfo = [&](auto row, VoiceParam hz) {
    return -sine(chance(row) + clock.frames * param(hz) / static_cast<double>(rate));
  };
  const Tensor fallen = at::exp(-at::clamp_min(clock.frames - onset, 0.0) / (param(pitch_env_s) * rate));
  const PerVoice asked = at::maximum(at::abs(param(filter_env_oct)), param(fm_index) / M_PI * param(fm_env));
  const PerVoice depth = at::where(asked > 0.0, at::clamp_min(asked, least_depth), asked);
  const Tensor drop =
      at::abs(param(pitch_env_st) / 12.0 * Clock::begins(fallen)) * log2_e / (param(pitch_env_s) * rate);
  clock.per_frame = at::maximum(depth * mod.speed(Clock::begins(clock.frames)), drop) > ramp_speed_limit;

  // Pitch.
  const Tensor bend = param(vibrato_cents) / 1200.0 * lfo(&LaneControl::vibrato_phase, vibrato_hz) +
                      param(pitch_env_st) / 12.0 * fallen;
  const Tensor half_detune = param(detune_cents) / 2400.0;
  const Tensor tune = param(tune_st) / 12.0;
  const auto at_pitch = [&](const Tensor& octaves) {
    return at::clamp_max(base * exp2_of(octaves + tune + bend), 0.49);
  };
  const Tensor noise_key = chance(&LaneControl::noise_key).to(at::kLong);
  const PerVoice begun = at::floor(onset / static_cast<double>(quantum_frames)) * quantum_frames;
  const Tensor draws =
      at::clamp_min(clock.frames - begun, 0.0) / (param(drift_s) * static_cast<double>(rate));
  const auto drift_of = [&](int64_t oscillator) {
    return strayed(param(drift_cents) / 1200.0, draws, noise_key, oscillator);
  };
  const Tensor drift1 = drift_of(0);
  const Tensor pitch1 = at_pitch(drift1 - half_detune);
  const Tensor increment1 = clock.followed(pitch1);
  const Tensor increment2 =
      clock.followed(at_pitch(param(osc2_tune_st) / 12.0 + half_detune + drift_of(most_unison)));
  const Tensor increment_fm = clock.followed(at::clamp_max(pitch1 * param(fm_ratio), 0.49));
  const auto turning = [&](auto row, const Tensor& increment) {
    return Clock::phase(chance(row) - onset * increment.narrow(1, 0, 1), increment);
  };

  // Cutoff and position.
  const Tensor cutoff = at::log2(param(cutoff_hz) / static_cast<double>(rate)) +
                        param(key_track) * ((pitch - 60.0) / 12.0 + tune) -
                        param(filter_vel_oct) * (1.0 - vel) + param(filter_env_oct) * mod_level +
                        param(filter_lfo_oct) * lfo(&LaneControl::cutoff_phase, filter_lfo_hz);
  const Tensor position = at::clamp(
      param(pan) + note_pan + param(pan_lfo_depth) * lfo(&LaneControl::pan_phase, pan_lfo_hz), -1.0, 1.0);
  const Tensor angle = (position + 1.0) * (M_PI / 4.0);
  const Tensor level = at::pow(10.0, -param(velocity_db) * (1.0 - vel) / 20.0);

  Signals s;
  s.phase1 = turning(&LaneControl::phase1, increment1);
  s.phase2 = turning(&LaneControl::phase2, increment2);
  s.phase_sub = turning(&LaneControl::phase_sub, increment1 * 0.5);
  s.phase_fm = turning(&LaneControl::phase_fm, increment_fm);
  s.increment1 = increment1;
  s.increment2 = increment2;
  const PerVoice fallen_index = exp2_of(-param(fm_key) * at::clamp_min((pitch - 60.0) / 12.0, 0.0));
  s.fm_depth = clock.followed(param(fm_index) * fallen_index / (2.0 * M_PI) *
                              (1.0 + param(fm_env) * (mod_level - 1.0)));
  s.cutoff_g = clock.followed(at::tan(M_PI * exp2_of(at::clamp(cutoff, -12.0, -1.0291463456595165))));
  s.amplitude = amp.at(Clock::each_frame(clock.frames));
  s.left = clock.straight(level * at::cos(angle));
  s.right = clock.straight(level * at::sin(angle));
  s.kept = at::ones({voices, 1}, real);
  s.noise_counter = (Clock::each_frame(clock.frames) - onset).to(at::kLong);
  s.noise_key = noise_key;

  set_levels(s, patch);
  if ((param(unison) > 1.0).any().item<bool>()) {
    const Drawn drawn = drawn_for(keys, real);
    const Unisons unisons = unisons_of(drawn, param(unison), param(unison_cents), param(unison_width));
    for (int64_t k = 0; k < most_unison; ++k) {
      const auto own = [k](const Tensor& rows) { return rows.narrow(1, k, 1); };
      const Tensor apart = k == 0 ? at::zeros_like(drift1) : drift_of(k) - drift1;
      const Tensor distance =
          clock.straight(at::clamp_max(pitch1 * exp2_of(own(unisons.detune_oct) + apart), 0.49) - pitch1);
      s.riders.push_back({Clock::phase(own(drawn.phase) - onset * distance.narrow(1, 0, 1), distance),
                          own(unisons.left), own(unisons.right)});
    }
  }
  s.sources = sources_of(patch, notes, keys, Clock::edges(pitch1), rate);

  UnitMemory memory;
  return play(s, memory).narrow(2, 0, frames).contiguous();
}

}  // namespace auralis::voice
