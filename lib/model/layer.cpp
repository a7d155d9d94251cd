// SPDX-License-Identifier: MIT
#include "model/layer.h"

#include <algorithm>

namespace auralis {
namespace {

using enum VoiceParam;

constexpr Setting drone_sound[] = {{osc1_shape, 1.2F},   {osc2_shape, 2.0F},     {osc2_level, 0.3F},
                                   {detune_cents, 6.0F}, {sub_level, 0.6F},      {cutoff_hz, 350.0F},
                                   {resonance, 0.1F},    {filter_lfo_oct, 0.8F}, {filter_lfo_hz, 0.05F},
                                   {key_track, 0.0F},    {attack_s, 6.0F},       {sustain, 1.0F},
                                   {release_s, 8.0F},    {velocity_db, 12.0F},   {pan_lfo_depth, 0.1F},
                                   {gain_db, -16.0F},    {delay_send, 0.0F},     {reverb_send, 0.2F}};

constexpr Setting pad_sound[] = {{osc2_shape, 2.0F},   {detune_cents, 9.0F},   {sub_level, 0.15F},
                                 {cutoff_hz, 1100.0F}, {filter_env_oct, 0.7F}, {filter_lfo_oct, 0.5F},
                                 {attack_s, 2.5F},     {decay_s, 4.0F},        {sustain, 0.8F},
                                 {release_s, 5.0F},    {mod_attack_s, 3.0F},   {chorus_send, 0.5F},
                                 {gain_db, -12.0F},    {delay_send, 0.1F},     {reverb_send, 0.5F}};

constexpr Setting lead_sound[] = {{osc1_shape, 0.6F},   {osc2_shape, 1.0F},   {osc2_level, 0.35F},
                                  {detune_cents, 5.0F}, {cutoff_hz, 2600.0F}, {filter_env_oct, 0.8F},
                                  {attack_s, 0.12F},    {decay_s, 3.0F},      {sustain, 0.4F},
                                  {release_s, 2.5F},    {mod_attack_s, 0.1F}, {mod_decay_s, 2.0F},
                                  {mod_sustain, 0.2F},  {vibrato_hz, 0.3F},   {vibrato_cents, 5.0F},
                                  {gain_db, -6.5F},     {delay_send, 0.4F},   {reverb_send, 0.5F}};

constexpr Setting bells_sound[] = {
    {osc1_shape, 0.0F},     {osc1_level, 0.7F},     {osc2_shape, 0.0F},    {osc2_level, 0.2F},
    {osc2_tune_st, 19.02F}, {detune_cents, 4.0F},   {fm_ratio, 3.5F},      {fm_index, 1.6F},
    {cutoff_hz, 8000.0F},   {filter_lfo_oct, 0.0F}, {key_track, 0.5F},     {attack_s, 0.004F},
    {decay_s, 5.0F},        {sustain, 0.0F},        {release_s, 4.0F},     {mod_attack_s, 0.001F},
    {mod_decay_s, 1.6F},    {mod_sustain, 0.0F},    {vibrato_cents, 0.0F}, {gain_db, -10.0F},
    {delay_send, 0.35F},    {reverb_send, 0.6F}};

constexpr Setting texture_sound[] = {{osc1_level, 0.0F},     {osc2_level, 0.0F},     {noise_level, 0.6F},
                                     {filter_shape, 1.0F},   {cutoff_hz, 1200.0F},   {resonance, 0.35F},
                                     {filter_lfo_oct, 1.2F}, {filter_lfo_hz, 0.06F}, {key_track, 0.5F},
                                     {attack_s, 4.0F},       {decay_s, 6.0F},        {sustain, 0.6F},
                                     {release_s, 6.0F},      {vibrato_cents, 0.0F},  {pan_lfo_depth, 0.6F},
                                     {gain_db, -12.0F},      {reverb_send, 0.6F}};

constexpr Setting low_sound[] = {{osc1_shape, 0.0F},  {osc1_level, 0.9F},     {osc2_level, 0.0F},
                                 {sub_level, 0.3F},   {pitch_env_st, 14.0F},  {pitch_env_s, 0.03F},
                                 {cutoff_hz, 400.0F}, {filter_lfo_oct, 0.0F}, {key_track, 0.0F},
                                 {attack_s, 0.006F},  {decay_s, 2.2F},        {sustain, 0.0F},
                                 {release_s, 1.2F},   {vibrato_cents, 0.0F},  {pan_lfo_depth, 0.0F},
                                 {gain_db, -11.0F},   {delay_send, 0.05F},    {reverb_send, 0.35F}};

constexpr Setting swell_sound[] = {{osc1_shape, 2.0F},    {osc1_level, 0.25F},    {osc2_level, 0.25F},
                                   {detune_cents, 14.0F}, {noise_level, 0.25F},   {cutoff_hz, 500.0F},
                                   {resonance, 0.2F},     {filter_env_oct, 2.5F}, {attack_s, 4.0F},
                                   {decay_s, 3.0F},       {sustain, 0.6F},        {release_s, 3.0F},
                                   {mod_attack_s, 4.0F},  {mod_decay_s, 3.0F},    {mod_sustain, 0.3F},
                                   {gain_db, -6.0F},      {reverb_send, 0.7F}};

constexpr Setting brush_sound[] = {{osc1_level, 0.0F},     {osc2_level, 0.0F},    {noise_level, 0.8F},
                                   {filter_shape, 1.4F},   {cutoff_hz, 4200.0F},  {resonance, 0.2F},
                                   {filter_lfo_oct, 0.0F}, {key_track, 0.3F},     {attack_s, 0.03F},
                                   {decay_s, 0.5F},        {sustain, 0.0F},       {release_s, 0.4F},
                                   {vibrato_cents, 0.0F},  {pan_lfo_depth, 0.0F}, {gain_db, -8.0F},
                                   {delay_send, 0.2F},     {reverb_send, 0.5F}};

constexpr uint8_t ringing_drums[] = {51, 53, 56, 59, 67, 68, 80, 81, 83, 84};
constexpr uint8_t low_drums[] = {35, 36, 41, 43, 45, 47, 48, 50, 60, 61, 63, 64, 65, 66};
constexpr uint8_t swell_drums[] = {49, 52, 55, 57};       // long cymbals
constexpr uint8_t low_programs[] = {115, 116, 117, 118};  // woodblock, taiko, tom, synth drum
constexpr uint8_t swell_programs[] = {119};               // reverse cymbal

constexpr std::array<LayerInfo, layer_count> table{{
    {"drone",
     "Drone",
     "the ground: one low tone that lasts",
     "#5b4b8a",
     true,
     false,
     0.0,
     94,
     1u << 4,
     {},
     {},
     1.0,
     {35, 47},
     {0.5, 0.7},
     {25, 45},
     0.1,
     drone_sound},
    {"pad",
     "Pad",
     "the harmony: slow chords",
     "#4f83b8",
     true,
     false,
     0.0,
     89,
     1u << 2 | 1u << 5 | 1u << 6 | 1u << 11,
     {},
     {},
     1.0,
     {50, 76},
     {0.4, 0.65},
     {14, 28},
     0.5,
     pad_sound},
    {"lead",
     "Lead",
     "the melody",
     "#e0803c",
     false,
     false,
     0.45,
     79,
     1u << 0 | 1u << 3 | 1u << 7 | 1u << 8 | 1u << 9 | 1u << 10 | 1u << 13,
     {},
     {},
     0.6,
     {62, 84},
     {0.4, 0.7},
     {1, 8},
     0.3,
     lead_sound},
    {"bells",
     "Bells",
     "what answers the melody from above",
     "#d9b23a",
     false,
     true,
     0.65,
     14,
     1u << 1 | 1u << 14,
     {},
     ringing_drums,
     0.5,
     {72, 96},
     {0.25, 0.55},
     {3, 6},
     0.7,
     bells_sound},
    {"texture",
     "Texture",
     "air and grain without a clear pitch",
     "#8fae9b",
     false,
     false,
     0.2,
     99,
     1u << 12 | 1u << 15,
     {},
     {},
     0.5,
     {55, 84},
     {0.3, 0.6},
     {9, 20},
     0.8,
     texture_sound},
    {"low",
     "Low hits",
     "soft deep beats, far apart",
     "#a23b4a",
     false,
     true,
     0.9,
     116,
     0,
     low_programs,
     low_drums,
     0.4,
     {28, 40},
     {0.5, 0.75},
     {2, 4},
     0.1,
     low_sound},
    {"swell",
     "Swells",
     "what rises into a new chord",
     "#7fa9a6",
     false,
     true,
     0.6,
     119,
     0,
     swell_programs,
     swell_drums,
     0.4,
     {48, 67},
     {0.4, 0.7},
     {4, 8},
     0.4,
     swell_sound},
    {"brush",
     "Brushes",
     "brushed noise in uneven cycles",
     "#9a9a9a",
     false,
     true,
     1.0,
     122,
     0,
     {},
     {},
     0.3,
     {60, 84},
     {0.2, 0.5},
     {0.3, 0.8},
     0.6,
     brush_sound},
}};

bool holds(std::span<const uint8_t> numbers, int number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

Patch patch_with(std::span<const Setting> settings) {
  Patch patch = default_patch();
  for (const auto& [param, value] : settings) patch[param] = value;
  return patch;
}

}  // namespace

const std::array<LayerInfo, layer_count>& layer_table() { return table; }

std::span<const std::string_view> layer_names() {
  static constexpr auto names = [] {
    std::array<std::string_view, layer_count> all;
    std::transform(table.begin(), table.end(), all.begin(), [](const LayerInfo& info) { return info.name; });
    return all;
  }();
  return names;
}

std::optional<Layer> find_layer(std::string_view name) {
  const auto found = std::find(layer_names().begin(), layer_names().end(), name);
  if (found == layer_names().end()) return std::nullopt;
  return static_cast<Layer>(found - layer_names().begin());
}

std::string_view layer_kind(std::string_view name) {
  const std::string_view kind = name.substr(0, name.find('-'));
  return find_layer(kind) ? kind : name;
}

LayerPlan default_layer_plan(Layer layer) {
  const LayerInfo& info = info_of(layer);
  return {.share = info.share,
          .pitches = info.pitches,
          .velocity = info.velocity,
          .note_s = info.note_s,
          .width = info.width,
          .sound = patch_with(info.sound)};
}

Patch builtin_patch(std::string_view layer) {
  return patch_with(info_of(find_layer(layer_kind(layer)).value_or(Layer::pad)).sound);
}

Layer layer_of_program(int program) {
  for (const Layer layer : all_layers) {
    if (holds(info_of(layer).programs, program)) return layer;
  }
  for (const Layer layer : all_layers) {
    if ((info_of(layer).families >> (program / 8) & 1u) != 0) return layer;
  }
  return Layer::pad;
}

Layer layer_of_drum(int key) {
  for (const Layer layer : all_layers) {
    if (holds(info_of(layer).drums, key)) return layer;
  }
  return Layer::brush;
}

bool is_layer_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 32 && name != master_layer &&
         std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace auralis
