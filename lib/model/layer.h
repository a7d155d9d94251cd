// SPDX-License-Identifier: MIT
// The layer table: the layers that the composer writes, with everything that is said of each anywhere. Presets, MIDI
// both ways, pictures of a score, `welcome` and the page derive from it. A stream may name other layers, too: "lead-2" has
// the built-in sound of lead, and any other name that of pad.
//   names    1 to 32 of a–z 0–9 _ -, and not "master"
//   errors   find_layer returns nullopt for a name that is not in the table
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "model/modulation.h"
#include "model/patch.h"
#include "model/range.h"
#include "model/spectra.h"

namespace auralis {

// In the order of the table.
#define AURALIS_LAYERS(X) X(drone) X(pad) X(lead) X(bells) X(texture) X(low) X(swell) X(brush)

#define AURALIS_NAME(name) name,
enum class Layer : size_t { AURALIS_LAYERS(AURALIS_NAME) count };
#undef AURALIS_NAME
inline constexpr size_t layer_count = static_cast<size_t>(Layer::count);
inline constexpr std::array<Layer, layer_count> all_layers = [] {
  std::array<Layer, layer_count> all{};
  for (size_t i = 0; i < layer_count; ++i) all[i] = static_cast<Layer>(i);
  return all;
}();

using Setting = std::pair<VoiceParam, float>;

// How the composer writes for a layer where a preset does not say otherwise.
struct LayerPlan {
  bool on = true;
  double share = 1.0;     // of the scenes it plays in
  Range pitches{48, 72};  // its register, MIDI
  Range velocity{0.3, 0.7};
  Range note_s{8, 20};
  double pace = 1.0;   // factor on how often it plays
  double width = 0.5;  // of its notes' places, 0 … 1
  Patch sound{};
  Modulation movement{};  // of that sound
  Spectra wave{};         // of its own, for wave_table 4

  bool operator==(const LayerPlan&) const = default;
};

struct LayerInfo {
  std::string_view name;
  std::string_view title;
  std::string_view meaning;  // one line for a listener
  std::string_view colour;   // #rrggbb, in pictures and on the page
  bool ground;               // plays in every scene in which it is on, and begins the piece
  bool percussive;           // silent in quiet music: see percussion_from_intensity in compose
  double entry;              // share of a piece's opening after which it may enter
  // General MIDI, 0-based: what a file of ours asks for, and what of other files is this layer.
  int program;
  uint16_t families;                  // a bit for each family of eight programs
  std::span<const uint8_t> programs;  // that go before their family
  std::span<const uint8_t> drums;     // keys of channel 10
  // Share, register, velocity, note length and width of LayerPlan.
  double share;
  Range pitches, velocity, note_s;
  double width;
  std::span<const Setting> sound;  // what its built-in patch changes in the default one
};

const std::array<LayerInfo, layer_count>& layer_table();
inline const LayerInfo& info_of(Layer layer) { return layer_table()[static_cast<size_t>(layer)]; }
inline std::string_view name_of(Layer layer) { return info_of(layer).name; }
std::span<const std::string_view> layer_names();
std::optional<Layer> find_layer(std::string_view name);
// Of a layer that is one of several of a kind, "lead-ch3": the name before "-" where that is in the table, else the name.
std::string_view layer_kind(std::string_view name);

LayerPlan default_layer_plan(Layer layer);

// The built-in sound of a layer of any name.
Patch builtin_patch(std::string_view layer);

// Of a General MIDI program, and of a key of its percussion channel.
Layer layer_of_program(int program);
Layer layer_of_drum(int key);

// A layer's name on the wire.
inline constexpr std::string_view master_layer = "master";
bool is_layer_name(std::string_view name);

}  // namespace auralis
