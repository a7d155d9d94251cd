// SPDX-License-Identifier: MIT
#include "synth/voice/patch_params.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include "model/modulation.h"
#include "model/rng.h"
#include "synth/simd/functions.h"
#include "synth/source/frame.h"

namespace auralis::voice {
namespace {

using enum VoiceParam;

constexpr double stolen_s = 0.05;  // any faster, and the fade itself is heard as a tick

EnvelopeState<1> attack_of(double attack_s, const Note& note, int rate) {
  const double frames = std::max(1.0, attack_s * rate);
  const Decay attack = decay_over(attack_octaves, frames, baseline::exp2_of);
  return {{0.0}, {note.onset + frames}, {attack.rate}, {attack.factor}, {attack.quantum}};
}

// A bit for each parameter.
struct ParamBits {
  uint64_t words[2] = {};

  constexpr void add(size_t i) { words[i / 64] |= uint64_t{1} << i % 64; }
  constexpr bool meets(const ParamBits& other) const {
    return ((words[0] & other.words[0]) | (words[1] & other.words[1])) != 0;
  }
};
static_assert(voice_param_count <= 128);

template <typename Is>
constexpr ParamBits bits_of(Is is) {
  ParamBits bits;
  for (size_t i = 0; i < voice_param_count; ++i) {
    if (is(static_cast<VoiceParam>(i))) bits.add(i);
  }
  return bits;
}

// What patch_rows.h makes of which parameters.
constexpr bool shapes_levels(VoiceParam param) {
  return param == osc1_shape || param == osc1_level || param == osc2_shape || param == osc2_level ||
         param == sub_level || param == VoiceParam::noise_level || param == resonance ||
         param == self_oscillation || param == VoiceParam::pre_drive || param == VoiceParam::post_drive ||
         param == filter_slope_db || param == filter_shape || param == VoiceParam::pulse_width ||
         param == fm_index;
}
constexpr bool shapes_unison(VoiceParam param) {
  return param == VoiceParam::unison || param == unison_cents || param == unison_width;
}
constexpr bool shapes_touch(VoiceParam param) {
  return param == key_track || param == filter_vel_oct || param == velocity_db || param == fm_key;
}
constexpr bool shapes_params(VoiceParam param) {
  return param == fm_index || (!shapes_levels(param) && !shapes_unison(param) && !source::is_row(param) &&
                               !belongs_to_layer(param) && param != gain_db);
}
constexpr ParamBits of_envelopes = bits_of(shapes_envelopes);
constexpr ParamBits of_params = bits_of(shapes_params);
constexpr ParamBits of_levels = bits_of(shapes_levels);
constexpr ParamBits of_unison = bits_of(shapes_unison);
constexpr ParamBits of_touch = bits_of(shapes_touch);

// Two parameters at a time, since few differ.
ParamBits different_params(const Patch& a, const Patch& b) {
  ParamBits different;
  const auto compare = [&](size_t i) {
    if (std::memcmp(&a.values[i], &b.values[i], sizeof(float)) != 0) different.add(i);
  };
  size_t i = 0;
  for (; i + 2 <= voice_param_count; i += 2) {
    if (std::memcmp(&a.values[i], &b.values[i], 2 * sizeof(float)) == 0) continue;
    compare(i);
    compare(i + 1);
  }
  for (; i < voice_param_count; ++i) compare(i);
  return different;
}

constexpr uint64_t row_at(size_t offset) { return uint64_t{1} << (offset / sizeof(double)); }

}  // namespace

PatchParams params_of(const Patch& patch, int rate) { return params_of(patch, rate, baseline::exp2_of); }

PatchEnvelopes envelopes_of(const Patch& patch, int rate) {
  return envelopes_of(patch, rate, baseline::exp2_of);
}

bool same_envelopes(const Patch& a, const Patch& b) {
  return a[decay_s] == b[decay_s] && a[sustain] == b[sustain] && a[release_s] == b[release_s] &&
         a[mod_decay_s] == b[mod_decay_s] && a[mod_sustain] == b[mod_sustain] &&
         a[mod_release_s] == b[mod_release_s] && a[pitch_env_s] == b[pitch_env_s];
}

uint64_t different_rows(const PatchParams& a, const PatchParams& b) {
  const auto* const one = reinterpret_cast<const double*>(&a);
  const auto* const other = reinterpret_cast<const double*>(&b);
  uint64_t rows = 0;
  for (int row = 0; row < param_rows; ++row) {
    if (std::memcmp(&one[row], &other[row], sizeof(double)) != 0) rows |= uint64_t{1} << row;
  }
  return rows;
}

RowSet PatchRows::move(const Patch& to, int rate) {
  const bool first = !std::exchange(known_, true);
  const ParamBits moved = first ? ParamBits{{~uint64_t{0}, ~uint64_t{0}}} : different_params(patch, to);
  patch = to;
  RowSet changed;
  if (moved.meets(of_envelopes)) envelopes = envelopes_of(to, rate);
  if (moved.meets(of_params)) {
    const PatchParams before = params;
    params = params_of(to, rate, envelopes);
    changed.params = different_rows(before, params);
  }
  if (moved.meets(of_levels)) {
    const PatchLevels before = levels;
    levels = levels_of(to);
    for (int row = 0; row < level_rows; ++row) {
      if (before.rows[row] != levels.rows[row]) changed.levels |= 1u << row;
    }
    changed.modulated = before.modulated != levels.modulated;
  }
  if (moved.meets(of_unison)) unison = unison_of(to);
  if (moved.meets(of_touch)) {
    touch = touch_of(to);
    changed.params |= row_at(offsetof(PatchParams, cutoff_oct)) |
                      row_at(offsetof(PatchParams, fm_half_cycles)) | row_at(offsetof(PatchParams, level));
  }
  return first ? all_rows : changed;
}

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
