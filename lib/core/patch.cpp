// SPDX-License-Identifier: MIT
#include "core/patch.h"

#include <algorithm>
#include <utility>

namespace auralis {
namespace {

template <typename Set, size_t Count>
Set defaults(const std::array<ParamInfo, Count>& table) {
  Set set{};
  std::transform(table.begin(), table.end(), set.values.begin(),
                 [](const ParamInfo& p) { return static_cast<float>(p.initial); });
  return set;
}

template <typename Param, size_t Count>
std::optional<Param> find(const std::array<ParamInfo, Count>& table, std::string_view name) {
  for (size_t i = 0; i < Count; ++i) {
    if (table[i].name == name) return static_cast<Param>(i);
  }
  return std::nullopt;
}

template <size_t Count>
std::array<std::string_view, Count> names(const std::array<ParamInfo, Count>& table) {
  std::array<std::string_view, Count> all;
  std::transform(table.begin(), table.end(), all.begin(), [](const ParamInfo& p) { return p.name; });
  return all;
}

using enum VoiceParam;
using Settings = std::initializer_list<std::pair<VoiceParam, float>>;

Patch with(Settings settings) {
  Patch patch = default_patch();
  for (const auto& [param, value] : settings) patch[param] = value;
  return patch;
}

}  // namespace

Patch default_patch() { return defaults<Patch>(voice_params); }

MasterPatch default_master_patch() { return defaults<MasterPatch>(master_params); }

std::optional<VoiceParam> find_voice_param(std::string_view name) {
  return find<VoiceParam>(voice_params, name);
}

std::optional<MasterParam> find_master_param(std::string_view name) {
  return find<MasterParam>(master_params, name);
}

std::span<const std::string_view> voice_param_names() {
  static const auto all = names(voice_params);
  return all;
}

std::span<const std::string_view> master_param_names() {
  static const auto all = names(master_params);
  return all;
}

Patch builtin_patch(std::string_view layer) {
  if (layer == "drone") {
    return with({{osc1_shape, 1.2F},
                 {osc2_shape, 2.0F},
                 {osc2_level, 0.3F},
                 {detune_cents, 6.0F},
                 {sub_level, 0.6F},
                 {cutoff_hz, 350.0F},
                 {resonance, 0.1F},
                 {filter_lfo_oct, 0.8F},
                 {filter_lfo_hz, 0.05F},
                 {key_track, 0.0F},
                 {attack_s, 6.0F},
                 {sustain, 1.0F},
                 {release_s, 8.0F},
                 {velocity_db, 12.0F},
                 {pan_lfo_depth, 0.1F},
                 {gain_db, -16.0F},
                 {delay_send, 0.0F},
                 {reverb_send, 0.2F}});
  }
  if (layer == "lead") {
    return with({{osc1_shape, 0.6F},
                 {osc2_shape, 1.0F},
                 {osc2_level, 0.35F},
                 {detune_cents, 5.0F},
                 {cutoff_hz, 2600.0F},
                 {filter_env_oct, 0.8F},
                 {attack_s, 0.12F},
                 {decay_s, 3.0F},
                 {sustain, 0.4F},
                 {release_s, 2.5F},
                 {mod_attack_s, 0.1F},
                 {mod_decay_s, 2.0F},
                 {mod_sustain, 0.2F},
                 {vibrato_hz, 0.3F},
                 {vibrato_cents, 5.0F},
                 {gain_db, -6.5F},
                 {delay_send, 0.4F},
                 {reverb_send, 0.5F}});
  }
  if (layer == "bells") {
    return with(
        {{osc1_shape, 0.0F},     {osc1_level, 0.7F},     {osc2_shape, 0.0F},    {osc2_level, 0.2F},
         {osc2_tune_st, 19.02F}, {detune_cents, 4.0F},   {fm_ratio, 3.5F},      {fm_index, 1.6F},
         {cutoff_hz, 8000.0F},   {filter_lfo_oct, 0.0F}, {key_track, 0.5F},     {attack_s, 0.004F},
         {decay_s, 5.0F},        {sustain, 0.0F},        {release_s, 4.0F},     {mod_attack_s, 0.001F},
         {mod_decay_s, 1.6F},    {mod_sustain, 0.0F},    {vibrato_cents, 0.0F}, {gain_db, -10.0F},
         {delay_send, 0.35F},    {reverb_send, 0.6F}});
  }
  if (layer == "texture") {
    return with({{osc1_level, 0.0F},
                 {osc2_level, 0.0F},
                 {noise_level, 0.6F},
                 {filter_shape, 1.0F},
                 {cutoff_hz, 1200.0F},
                 {resonance, 0.35F},
                 {filter_lfo_oct, 1.2F},
                 {filter_lfo_hz, 0.06F},
                 {key_track, 0.5F},
                 {attack_s, 4.0F},
                 {decay_s, 6.0F},
                 {sustain, 0.6F},
                 {release_s, 6.0F},
                 {vibrato_cents, 0.0F},
                 {pan_lfo_depth, 0.6F},
                 {gain_db, -12.0F},
                 {reverb_send, 0.6F}});
  }
  if (layer == "low") {
    return with({{osc1_shape, 0.0F},
                 {osc1_level, 0.9F},
                 {osc2_level, 0.0F},
                 {sub_level, 0.3F},
                 {pitch_env_st, 14.0F},
                 {pitch_env_s, 0.03F},
                 {cutoff_hz, 400.0F},
                 {filter_lfo_oct, 0.0F},
                 {key_track, 0.0F},
                 {attack_s, 0.006F},
                 {decay_s, 2.2F},
                 {sustain, 0.0F},
                 {release_s, 1.2F},
                 {vibrato_cents, 0.0F},
                 {pan_lfo_depth, 0.0F},
                 {gain_db, -11.0F},
                 {delay_send, 0.05F},
                 {reverb_send, 0.35F}});
  }
  if (layer == "swell") {
    return with({{osc1_shape, 2.0F},
                 {osc1_level, 0.25F},
                 {osc2_level, 0.25F},
                 {detune_cents, 14.0F},
                 {noise_level, 0.25F},
                 {cutoff_hz, 500.0F},
                 {resonance, 0.2F},
                 {filter_env_oct, 2.5F},
                 {attack_s, 4.0F},
                 {decay_s, 3.0F},
                 {sustain, 0.6F},
                 {release_s, 3.0F},
                 {mod_attack_s, 4.0F},
                 {mod_decay_s, 3.0F},
                 {mod_sustain, 0.3F},
                 {gain_db, -6.0F},
                 {reverb_send, 0.7F}});
  }
  if (layer == "brush") {
    return with({{osc1_level, 0.0F},
                 {osc2_level, 0.0F},
                 {noise_level, 0.8F},
                 {filter_shape, 1.4F},
                 {cutoff_hz, 4200.0F},
                 {resonance, 0.2F},
                 {filter_lfo_oct, 0.0F},
                 {key_track, 0.3F},
                 {attack_s, 0.03F},
                 {decay_s, 0.5F},
                 {sustain, 0.0F},
                 {release_s, 0.4F},
                 {vibrato_cents, 0.0F},
                 {pan_lfo_depth, 0.0F},
                 {gain_db, -8.0F},
                 {delay_send, 0.2F},
                 {reverb_send, 0.5F}});
  }
  return with({{osc2_shape, 2.0F},
               {detune_cents, 9.0F},
               {sub_level, 0.15F},
               {cutoff_hz, 1100.0F},
               {filter_env_oct, 0.7F},
               {filter_lfo_oct, 0.5F},
               {attack_s, 2.5F},
               {decay_s, 4.0F},
               {sustain, 0.8F},
               {release_s, 5.0F},
               {mod_attack_s, 3.0F},
               {chorus_send, 0.5F},
               {gain_db, -12.0F},
               {delay_send, 0.1F},
               {reverb_send, 0.5F}});
}

bool is_layer_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 32 && name != master_layer &&
         std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace auralis
