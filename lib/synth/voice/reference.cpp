// SPDX-License-Identifier: MIT
#include "synth/voice/reference.h"

#include <ATen/ATen.h>

#include <vector>

#include "synth/dsp/functions.h"
#include "synth/voice/units.h"

namespace auralis::voice {
namespace {

using at::Tensor;
using enum VoiceParam;

// A value per voice, [voices, 1].
using PerVoice = Tensor;

struct Clock {
  int64_t step;   // frames from edge to edge
  Tensor edges;   // [1, steps + 1] frames since the block began
  Tensor frames;  // [1, frames]

  // Straight lines from edge to edge.
  Tensor lines(const Tensor& at_edges) const {
    const int64_t steps = at_edges.size(1) - 1;
    const Tensor from = at_edges.narrow(1, 0, steps).unsqueeze(2);
    const Tensor to = at_edges.narrow(1, 1, steps).unsqueeze(2);
    const Tensor n = at::arange(step, at_edges.options()) / static_cast<double>(step);
    return (from + (to - from) * n).flatten(1);
  }
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

}  // namespace

Tensor reference_voice(const Tensor& patch, std::span<const Note> notes, std::string_view layer_name,
                       int rate, int64_t frames, int64_t control_frames) {
  const auto voices = static_cast<int64_t>(notes.size());
  const auto param = [&patch](VoiceParam p) { return patch.narrow(1, static_cast<int64_t>(p), 1); };
  const int64_t quanta = (frames + quantum_frames - 1) / quantum_frames;
  const at::TensorOptions real = patch.options().requires_grad(false);
  const int64_t steps = quanta * quantum_frames / control_frames;
  const Clock clock{control_frames, at::arange(steps + 1, real).unsqueeze(0) * control_frames,
                    at::arange(quanta * quantum_frames, real).unsqueeze(0)};

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
  const Tensor mod_level = mod.at(clock.edges);
  const auto lfo = [&](auto row, VoiceParam hz) {
    return -sine(chance(row) + clock.edges * param(hz) / static_cast<double>(rate));
  };
  const Tensor fallen = at::exp(-at::clamp_min(clock.edges - onset, 0.0) / (param(pitch_env_s) * rate));

  // Pitch.
  const Tensor bend = param(vibrato_cents) / 1200.0 * lfo(&LaneControl::vibrato_phase, vibrato_hz) +
                      param(pitch_env_st) / 12.0 * fallen;
  const Tensor half_detune = param(detune_cents) / 2400.0;
  const auto at_pitch = [&](const Tensor& octaves) {
    return at::clamp_max(base * exp2_of(octaves + bend), 0.49);
  };
  const Tensor edges1 = at_pitch(-half_detune);
  const Tensor edges2 = at_pitch(param(osc2_tune_st) / 12.0 + half_detune);
  const Tensor edges_fm = at::clamp_max(edges1 * param(fm_ratio), 0.49);
  const auto turning = [&](auto row, const Tensor& edges) {
    return Clock::phase(chance(row) - onset * edges.narrow(1, 0, 1), clock.lines(edges));
  };

  // Cutoff and position.
  const Tensor cutoff = at::log2(param(cutoff_hz) / static_cast<double>(rate)) +
                        param(key_track) * (pitch - 60.0) / 12.0 - param(filter_vel_oct) * (1.0 - vel) +
                        param(filter_env_oct) * mod_level +
                        param(filter_lfo_oct) * lfo(&LaneControl::cutoff_phase, filter_lfo_hz);
  const Tensor position = at::clamp(
      param(pan) + note_pan + param(pan_lfo_depth) * lfo(&LaneControl::pan_phase, pan_lfo_hz), -1.0, 1.0);
  const Tensor angle = (position + 1.0) * (M_PI / 4.0);
  const Tensor level = at::pow(10.0, -param(velocity_db) * (1.0 - vel) / 20.0);

  Signals s;
  s.phase1 = turning(&LaneControl::phase1, edges1);
  s.phase2 = turning(&LaneControl::phase2, edges2);
  s.phase_sub = turning(&LaneControl::phase_sub, edges1 * 0.5);
  s.phase_fm = turning(&LaneControl::phase_fm, edges_fm);
  s.increment1 = clock.lines(edges1);
  s.increment2 = clock.lines(edges2);
  s.fm_depth = clock.lines(param(fm_index) / (2.0 * M_PI) * (1.0 + param(fm_env) * (mod_level - 1.0)));
  s.cutoff_g = clock.lines(at::tan(M_PI * exp2_of(at::clamp(cutoff, -12.0, -1.0291463456595165))));
  s.amplitude = amp.at(clock.frames);
  s.left = clock.lines(level * at::cos(angle));
  s.right = clock.lines(level * at::sin(angle));
  s.kept = at::ones({voices, 1}, real);
  s.noise_counter = (clock.frames - onset).to(at::kLong);
  s.noise_key = chance(&LaneControl::noise_key).to(at::kLong);

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
  s.levels[damping] = 2.0 * at::pow(100.0, -param(resonance));
  s.levels[low] = share(param(filter_shape), 0.0);
  s.levels[band] = share(param(filter_shape), 1.0);
  s.levels[high] = share(param(filter_shape), 2.0);
  s.levels[voice::pulse_width] = 1.0 - param(VoiceParam::pulse_width);

  UnitMemory memory;
  return play(s, memory).narrow(2, 0, frames).contiguous();
}

}  // namespace auralis::voice
