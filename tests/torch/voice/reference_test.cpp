// SPDX-License-Identifier: MIT
#include <ATen/ATen.h>

#include "synth/voices.h"
#include "torch/voice/reference.h"

#include "model/layer.h"
#include "torch/doctest_after_torch.h"  // last

using namespace auralis;
using namespace auralis::testing;

namespace {

at::Tensor as_tensor(const Patch& patch) {
  std::vector<double> values(patch.values.begin(), patch.values.end());
  return at::tensor(values, at::kDouble).unsqueeze(0);
}

double nmse_db(const Patch& patch, const voice::Note& note, int64_t frames) {
  const Sounding kernel = play_note(patch, note, frames);
  const at::Tensor reference =
      voice::reference_voice(as_tensor(patch), {&note, 1}, "test", test_rate, frames);
  const double* left = reference.data_ptr<double>();
  double error = 0.0, energy = 0.0;
  for (size_t n = 0; n < static_cast<size_t>(frames); ++n) {
    error += std::pow(static_cast<double>(kernel.left[n]) - left[n], 2.0);
    energy += left[n] * left[n];
    error += std::pow(static_cast<double>(kernel.right[n]) - left[n + static_cast<size_t>(frames)], 2.0);
    energy += left[n + static_cast<size_t>(frames)] * left[n + static_cast<size_t>(frames)];
  }
  return 10.0 * std::log10(error / energy);
}

using Settings = std::initializer_list<std::pair<VoiceParam, float>>;

Patch with(Settings settings) {
  Patch patch = still_patch();
  for (const auto& [param, value] : settings) patch[param] = value;
  return patch;
}

// Gradients of a note's sound beside finite differences, in the parameters from one to another.
void check_gradients(const Patch& base, const voice::Note& note, VoiceParam from, VoiceParam to) {
  constexpr int64_t frames = 2048;
  const at::Tensor weights = at::sin(at::arange(2 * frames, at::kDouble) * 0.37).reshape({2, frames});
  const auto loss = [&](const at::Tensor& patch) {
    return (voice::reference_voice(patch, {&note, 1}, "test", test_rate, frames)[0] * weights).sum();
  };
  at::Tensor patch = as_tensor(base).set_requires_grad(true);
  loss(patch).backward();
  const at::Tensor gradient = patch.grad();
  for (auto i = static_cast<size_t>(from); i <= static_cast<size_t>(to); ++i) {
    CAPTURE(voice_params[i].name);
    const double h = 1e-6 * std::max(1e-3, std::abs(static_cast<double>(base.values[i])));
    at::Tensor up = as_tensor(base);
    at::Tensor down = as_tensor(base);
    up[0][static_cast<int64_t>(i)] += h;
    down[0][static_cast<int64_t>(i)] -= h;
    const double difference = (loss(up) - loss(down)).item<double>() / (2.0 * h);
    const double exact = gradient[0][static_cast<int64_t>(i)].item<double>();
    CHECK(std::abs(exact) > 0.0);
    CHECK(exact == doctest::Approx(difference).epsilon(1e-4));
  }
}

}  // namespace

TEST_CASE("Kernel and reference agree below -90 dB, unit by unit") {
  using enum VoiceParam;
  const std::pair<const char*, Patch> units[] = {
      {"sine", with({{osc1_shape, 0.0F}})},
      {"triangle", with({{osc1_shape, 1.0F}})},
      {"saw", with({{osc1_shape, 2.0F}})},
      {"pulse", with({{osc1_shape, 3.0F}, {pulse_width, 0.2F}})},
      {"second oscillator",
       with({{osc1_level, 0.0F}, {osc2_level, 1.0F}, {osc2_tune_st, 7.0F}, {detune_cents, 20.0F}})},
      {"sub", with({{osc1_level, 0.0F}, {sub_level, 1.0F}})},
      {"noise", with({{osc1_level, 0.0F}, {noise_level, 1.0F}})},
      {"phase modulation of a sine",
       with({{osc1_shape, 0.0F}, {fm_index, 3.0F}, {fm_ratio, 1.5F}, {fm_env, 0.5F}})},
      {"phase modulation of a saw", with({{osc1_shape, 2.0F}, {fm_index, 0.7F}, {fm_ratio, 2.0F}})},
      {"vibrato", with({{vibrato_hz, 6.0F}, {vibrato_cents, 50.0F}})},
      {"pitch envelope", with({{pitch_env_st, 12.0F}, {pitch_env_s, 0.05F}})},
      {"low-pass", with({{filter_shape, 0.0F}, {cutoff_hz, 800.0F}, {resonance, 0.8F}})},
      {"filter modulation", with({{filter_shape, 0.7F},
                                  {cutoff_hz, 500.0F},
                                  {filter_env_oct, 3.0F},
                                  {mod_attack_s, 0.05F},
                                  {filter_lfo_hz, 5.0F},
                                  {filter_lfo_oct, 1.0F},
                                  {key_track, 1.0F}})},
      {"envelope", with({{attack_s, 0.03F}, {decay_s, 0.1F}, {sustain, 0.3F}, {release_s, 0.1F}})},
      {"pan", with({{pan, -0.4F}, {pan_lfo_depth, 0.5F}, {pan_lfo_hz, 4.0F}})},
      {"phase modulation that falls with the key",
       with({{osc1_shape, 0.0F}, {fm_index, 3.0F}, {fm_env, 0.5F}, {fm_key, 1.0F}})},
      {"unison", with({{unison, 4.5F}, {unison_cents, 40.0F}, {unison_width, 0.9F}, {osc2_level, 0.3F}})},
      {"unison of pulses, their phase modulated",
       with({{unison, 3.0F}, {osc1_shape, 2.6F}, {fm_index, 0.7F}, {pulse_width, 0.3F}})},
      {"drift", with({{unison, 5.0F}, {drift_cents, 30.0F}, {drift_s, 0.2F}, {osc2_level, 0.3F}})},
      {"drive before the filter", with({{pre_drive, 0.6F}, {filter_shape, 0.0F}, {cutoff_hz, 900.0F}})},
      {"drive after the filter",
       with({{post_drive, 1.0F}, {filter_shape, 0.0F}, {cutoff_hz, 900.0F}, {resonance, 0.5F}})},
      {"24 dB an octave", with({{filter_slope_db, 24.0F}, {filter_shape, 0.4F}, {cutoff_hz, 700.0F}})},
      {"18 dB an octave of a unison, driven", with({{filter_slope_db, 18.0F},
                                                    {filter_shape, 0.0F},
                                                    {cutoff_hz, 700.0F},
                                                    {unison, 3.0F},
                                                    {pre_drive, 0.3F},
                                                    {post_drive, 0.3F}})},
  };
  for (const auto& [name, patch] : units) {
    CAPTURE(name);
    voice::Note note = note_at(55.3, 21, 6000);
    note.vel = 0.8;
    CHECK(nmse_db(patch, note, 9000) < -90.0);
  }
}

TEST_CASE(
    "Kernel and reference agree below -60 dB in what hangs on itself: self-oscillation, bodies, choirs, "
    "waves") {
  using enum VoiceParam;
  const std::pair<const char*, Patch> units[] = {
      {"self-oscillation", with({{osc1_level, 0.3F},
                                 {filter_shape, 0.0F},
                                 {cutoff_hz, 800.0F},
                                 {resonance, 1.0F},
                                 {self_oscillation, 1.0F}})},
      {"a bar that is struck", with({{osc1_level, 0.0F}, {body_level, 0.9F}, {body_shape, 0.0F}})},
      {"between glass and plate", with({{osc1_level, 0.0F},
                                        {body_level, 0.9F},
                                        {body_shape, 2.3F},
                                        {body_decay_s, 0.8F},
                                        {body_damping, 0.3F},
                                        {body_strike, 0.7F},
                                        {body_place, 0.6F}})},
      {"a bowl that is rubbed", with({{osc1_level, 0.0F}, {body_level, 0.9F}, {body_rub, 0.9F}})},
      {"choir", with({{osc1_level, 0.0F}, {choir_level, 0.8F}, {choir_vowel, 1.3F}, {choir_size_st, 2.0F}})},
      {"organ", with({{osc1_level, 0.0F}, {wave_level, 0.8F}, {wave_table, 0.0F}, {wave_position, 0.7F}})},
      {"between string and reed",
       with({{osc1_level, 0.0F}, {wave_level, 0.8F}, {wave_table, 1.4F}, {wave_position, 0.3F}})},
      {"sweep of one reader", with({{osc1_level, 0.0F},
                                    {wave_level, 0.8F},
                                    {wave_table, 3.0F},
                                    {wave_position, 0.4F},
                                    {wave_cents, 0.0F}})},
  };
  for (const auto& [name, patch] : units) {
    CAPTURE(name);
    voice::Note note = note_at(55.3, 21, 6000);
    note.vel = 0.8;
    CHECK(nmse_db(patch, note, 9000) < -60.0);
  }
}

TEST_CASE("Kernel and reference agree below -90 dB as whole voices, in every layer's built-in sound") {
  for (const std::string_view layer : layer_names()) {
    for (double pitch : {31.0, 62.5, 88.0}) {
      CAPTURE(layer);
      CAPTURE(pitch);
      voice::Note note = note_at(pitch, 40, 20000, 9);
      note.vel = 0.6;
      note.pan = 0.3;
      CHECK(nmse_db(builtin_patch(layer), note, 30000) < -90.0);
    }
  }
}

TEST_CASE("A batch of voices in the reference equals its voices one by one") {
  const Patch patch = builtin_patch("lead");
  std::vector<voice::Note> notes;
  for (uint64_t i = 0; i < 8; ++i) notes.push_back(note_at(50.0 + static_cast<double>(i), 7, 3000, i));
  const at::Tensor batch =
      voice::reference_voice(as_tensor(patch).expand({8, -1}), notes, "test", test_rate, 4096);
  for (int64_t i = 0; i < 8; ++i) {
    const at::Tensor one = voice::reference_voice(as_tensor(patch), {&notes[static_cast<size_t>(i)], 1},
                                                  "test", test_rate, 4096);
    CHECK(at::equal(one[0], batch[i]));
  }
}

TEST_CASE(
    "Gradients of the reference agree with finite differences in every continuous parameter of the voice") {
  using enum VoiceParam;
  Patch base = builtin_patch("pad");
  for (const auto& [param, value] : std::initializer_list<std::pair<VoiceParam, float>>{
           {osc1_shape, 2.4F},   {osc2_shape, 0.6F},     {osc1_level, 0.5F},     {osc2_level, 0.4F},
           {sub_level, 0.2F},    {noise_level, 0.1F},    {fm_index, 0.6F},       {fm_env, 0.5F},
           {pitch_env_st, 3.0F}, {filter_shape, 0.6F},   {pulse_width, 0.3F},    {attack_s, 0.0103F},
           {decay_s, 0.02F},     {sustain, 0.6F},        {release_s, 0.02F},     {mod_attack_s, 0.012F},
           {mod_decay_s, 0.02F}, {mod_release_s, 0.02F}, {vibrato_cents, 20.0F}, {pan, 0.1F},
           {key_track, 0.4F}}) {
    base[param] = value;
  }
  voice::Note note = note_at(57.3, 5, 1500);
  note.vel = 0.7;
  check_gradients(base, note, osc1_shape, pan_lfo_depth);
}

TEST_CASE(
    "Gradients reach unisons, drift, drives, the filter's slope, and bodies, choirs and waves, as finite "
    "differences") {
  using enum VoiceParam;
  voice::Note note = note_at(65.3, 5, 1500);
  note.vel = 0.7;
  const Patch oscillators = with({{unison, 3.4F},
                                  {unison_cents, 40.0F},
                                  {unison_width, 0.6F},
                                  {drift_cents, 20.0F},
                                  {drift_s, 0.21F},
                                  {fm_index, 0.6F},
                                  {fm_key, 0.5F},
                                  {pre_drive, 0.4F},
                                  {post_drive, 0.3F},
                                  {filter_slope_db, 17.0F},
                                  {filter_shape, 0.3F},
                                  {cutoff_hz, 1500.0F}});
  check_gradients(oscillators, note, unison, filter_slope_db);
  check_gradients(
      with({{self_oscillation, 0.7F}, {resonance, 0.9F}, {filter_shape, 0.0F}, {cutoff_hz, 900.0F}}), note,
      self_oscillation, self_oscillation);
  const Patch body = with({{osc1_level, 0.0F},
                           {body_level, 0.8F},
                           {body_shape, 1.4F},
                           {body_decay_s, 0.7F},
                           {body_damping, 0.3F},
                           {body_strike, 0.5F},
                           {body_place, 0.33F},
                           {body_rub, 0.4F}});
  check_gradients(body, note, body_level, body_rub);
  const Patch waves = with({{osc1_level, 0.0F},
                            {choir_level, 0.7F},
                            {choir_vowel, 1.3F},
                            {choir_size_st, 1.0F},
                            {choir_cents, 11.0F},
                            {wave_level, 0.6F},
                            {wave_table, 1.4F},
                            {wave_position, 0.3F},
                            {wave_cents, 9.0F}});
  check_gradients(waves, note, choir_level, wave_cents);
}
