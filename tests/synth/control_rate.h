// SPDX-License-Identifier: MIT
// The voice against itself with every slow signal worked out at every frame, in float64: what straight lines between the
// edges of the quanta do to the sound.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <utility>
#include <vector>

#include "synth/audible.h"
#include "synth/voice/reference.h"
#include "synth/voices.h"

namespace auralis::testing {

using NamedPatch = std::pair<std::string, Patch>;

inline std::vector<NamedPatch> builtin_patches() {
  std::vector<NamedPatch> all;
  for (const std::string_view layer : layer_names) all.emplace_back(layer, builtin_patch(layer));
  return all;
}

// Faster than any preset, still within what the quanta can follow.
inline std::vector<NamedPatch> fast_patches() {
  using enum VoiceParam;
  Patch drop = builtin_patch("low");
  drop[pitch_env_st] = 24.0F;
  drop[pitch_env_s] = 0.01F;
  Patch pluck = builtin_patch("pad");
  for (const auto& [param, value] :
       std::initializer_list<std::pair<VoiceParam, float>>{{attack_s, 0.002F},
                                                           {decay_s, 0.5F},
                                                           {sustain, 0.0F},
                                                           {mod_attack_s, 0.001F},
                                                           {mod_decay_s, 0.15F},
                                                           {mod_sustain, 0.0F},
                                                           {filter_env_oct, 5.0F},
                                                           {cutoff_hz, 200.0F},
                                                           {resonance, 0.4F}}) {
    pluck[param] = value;
  }
  Patch metal = builtin_patch("bells");
  metal[fm_index] = 8.0F;
  metal[mod_decay_s] = 0.05F;
  return {{"a fall of two octaves, 10 ms", drop},
          {"a pluck of five octaves, 1 ms up, 150 ms down", pluck},
          {"phase modulation of 8 radians, 1 ms up, 50 ms down", metal}};
}

// The ends of the ranges, where the quanta are heard.
inline std::vector<NamedPatch> extreme_patches() {
  using enum VoiceParam;
  std::vector<NamedPatch> fast = fast_patches();
  Patch zap = fast[0].second;
  zap[pitch_env_st] = 48.0F;
  zap[pitch_env_s] = zap[attack_s] = 0.001F;
  zap[cutoff_hz] = 20000.0F;
  Patch pluck = fast[1].second;
  pluck[filter_env_oct] = 3.0F;
  pluck[resonance] = 0.6F;
  return {{"a fall of four octaves, 1 ms", zap}, {"a pluck of three octaves, 1 ms up, Q 8", pluck}};
}

// The worst over pitches and places of the onset within a quantum. control_frames other than the quantum: not the kernel,
// but the reference with edges that far apart.
inline Difference from_ideal(const Patch& patch, int64_t control_frames = quantum_frames) {
  constexpr int64_t frames = test_rate / 2;
  const std::vector<double> values(patch.values.begin(), patch.values.end());
  const at::Tensor params = at::tensor(values, at::kDouble).unsqueeze(0);
  const auto reference = [&](const voice::Note& note, int64_t every) {
    const at::Tensor sound = voice::reference_voice(params, {&note, 1}, "test", test_rate, frames, every);
    return std::vector<float>(sound.data_ptr<double>(), sound.data_ptr<double>() + frames);
  };
  Difference worst{-300.0, 0.0, 0.0};
  for (const int onset : {0, 1, 21, 42, 63}) {
    for (const double pitch : {36.0, 57.0, 76.0}) {
      voice::Note note = note_at(pitch, onset, 20000, 9);
      note.vel = 0.7;
      const std::vector<float> sound = control_frames == quantum_frames ? play_note(patch, note, frames).left
                                                                        : reference(note, control_frames);
      const Difference found = difference_of(sound, reference(note, 1), test_rate);
      worst.nmse_db = std::max(worst.nmse_db, found.nmse_db);
      worst.band_db = std::max(worst.band_db, found.band_db);
      worst.onset_ms = std::max(worst.onset_ms, std::abs(found.onset_ms));
    }
  }
  return worst;
}

}  // namespace auralis::testing
