// SPDX-License-Identifier: MIT
// The voice against itself with every slow signal worked out at every frame, in float64: what straight lines from quantum
// to quantum do to the sound.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <utility>
#include <vector>

#include "model/layer.h"
#include "synth/audible.h"
#include "synth/voices.h"
#include "torch/voice/reference.h"

namespace auralis::testing {

using NamedPatch = std::pair<std::string, Patch>;

inline std::vector<NamedPatch> builtin_patches() {
  std::vector<NamedPatch> all;
  for (const std::string_view layer : layer_names()) all.emplace_back(layer, builtin_patch(layer));
  return all;
}

// Faster than any preset, to the ends of the ranges.
inline std::vector<NamedPatch> fast_patches() {
  using enum VoiceParam;
  const auto with = [](Patch patch, std::initializer_list<std::pair<VoiceParam, float>> settings) {
    for (const auto& [param, value] : settings) patch[param] = value;
    return patch;
  };
  const Patch drop = with(builtin_patch("low"), {{pitch_env_st, 24.0F}, {pitch_env_s, 0.01F}});
  const Patch zap =
      with(drop, {{pitch_env_st, 48.0F}, {pitch_env_s, 0.001F}, {attack_s, 0.001F}, {cutoff_hz, 20000.0F}});
  const Patch pluck = with(builtin_patch("pad"), {{attack_s, 0.002F},
                                                  {decay_s, 0.5F},
                                                  {sustain, 0.0F},
                                                  {mod_attack_s, 0.001F},
                                                  {mod_decay_s, 0.15F},
                                                  {mod_sustain, 0.0F},
                                                  {filter_env_oct, 5.0F},
                                                  {cutoff_hz, 200.0F},
                                                  {resonance, 0.4F}});
  const Patch ringing = with(pluck, {{filter_env_oct, 8.0F}, {cutoff_hz, 60.0F}, {resonance, 1.0F}});
  const Patch metal = with(builtin_patch("bells"), {{fm_index, 8.0F}, {mod_decay_s, 0.05F}});
  return {
      {"a fall of two octaves, 10 ms", drop},
      {"a fall of four octaves, 1 ms", zap},
      {"a rise of four octaves, 1 ms", with(zap, {{pitch_env_st, -48.0F}})},
      {"a fall of four octaves, 8 ms", with(zap, {{pitch_env_s, 0.008F}})},
      {"a pluck of five octaves, 1 ms up, 150 ms down", pluck},
      {"a pluck of three octaves, 1 ms up, Q 8", with(pluck, {{filter_env_oct, 3.0F}, {resonance, 0.6F}})},
      {"a pluck of eight octaves, 1 ms up, Q 50", ringing},
      {"a pluck of eight octaves, 1 ms up, 60 ms down, Q 50", with(ringing, {{mod_decay_s, 0.06F}})},
      {"a pluck of eight octaves, 1 ms up and down, Q 50", with(ringing, {{mod_decay_s, 0.001F}})},
      {"a pluck of a twentieth of an octave, 1 ms up", with(pluck, {{filter_env_oct, 0.05F}})},
      {"a pluck of five octaves, 1 ms up, held, 1 ms of release",
       with(pluck, {{mod_sustain, 1.0F}, {mod_release_s, 0.001F}, {sustain, 1.0F}, {release_s, 0.3F}})},
      {"phase modulation of 0.1 radians, 1 ms up", with(metal, {{fm_index, 0.1F}})},
      {"phase modulation of 8 radians, 1 ms up, 50 ms down", metal},
      {"phase modulation of 8 radians, 1 ms up and down", with(metal, {{mod_decay_s, 0.001F}})}};
}

inline std::vector<float> reference_of(const Patch& patch, const voice::Note& note, int64_t frames,
                                       voice::Slow slow) {
  const std::vector<double> values(patch.values.begin(), patch.values.end());
  const at::Tensor sound = voice::reference_voice(at::tensor(values, at::kDouble).unsqueeze(0), {&note, 1},
                                                  "test", test_rate, frames, slow);
  return std::vector<float>(sound.data_ptr<double>(), sound.data_ptr<double>() + frames);
}

// The worst over pitches and places of the onset within a quantum.
inline Difference from_ideal(const Patch& patch) {
  constexpr int64_t frames = test_rate / 2;
  Difference worst{-300.0, 0.0, 0.0};
  for (const int onset : {0, 1, 21, 42, 63}) {
    for (const double pitch : {36.0, 57.0, 76.0}) {
      voice::Note note = note_at(pitch, onset, 20000, 9);
      note.vel = 0.7;
      const Difference found =
          difference_of(play_note(patch, note, frames).left,
                        reference_of(patch, note, frames, voice::Slow::every_frame), test_rate);
      worst.nmse_db = std::max(worst.nmse_db, found.nmse_db);
      worst.band_db = std::max(worst.band_db, found.band_db);
      worst.onset_ms = std::max(worst.onset_ms, std::abs(found.onset_ms));
    }
  }
  return worst;
}

}  // namespace auralis::testing
