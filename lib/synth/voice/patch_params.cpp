// SPDX-License-Identifier: MIT
#include "synth/voice/patch_params.h"

#include <algorithm>

#include "model/rng.h"
#include "synth/simd/functions.h"

namespace auralis::voice {
namespace {

using enum VoiceParam;

constexpr double stolen_s = 0.05;  // any faster, and the fade itself is heard as a tick

EnvelopeState<1> attack_of(double attack_s, const Note& note, int rate) {
  const double frames = std::max(1.0, attack_s * rate);
  const Decay attack = decay_over(attack_octaves, frames, baseline::exp2_of);
  return {{0.0}, {note.onset + frames}, {attack.rate}, {attack.factor}, {attack.quantum}};
}

}  // namespace

PatchParams params_of(const Patch& patch, int rate) { return params_of(patch, rate, baseline::exp2_of); }

void fade_stolen(PatchParams& params, int rate) {
  const Decay fade = decay_over(octaves_per_60_db, stolen_s * rate, baseline::exp2_of);
  if (params.amp.release_rate[0] >= fade.rate) return;
  params.amp.release_rate[0] = fade.rate;
  params.amp.release_factor[0] = fade.factor;
  params.amp.release_quantum[0] = fade.quantum;
}

double increment_of(double pitch, int rate) { return 440.0 / rate * maths::exp2((pitch - 69.0) / 12.0); }

LaneControl begin_voice(const Note& note, std::string_view name, const Patch& patch, int rate) {
  Rng chance(note.id, name);
  LaneControl c{};
  c.active[0] = 1.0;
  c.fresh[0] = 1.0;
  c.onset[0] = note.onset;
  c.release_left[0] = static_cast<double>(note.onset + note.frames);
  c.base_increment[0] = increment_of(note.pitch, rate);
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
