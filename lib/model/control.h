// SPDX-License-Identifier: MIT
// The control table: what a listener may ask of the music, checked the same way at every door: HTTP, WebSocket, control
// socket, control log, command line, page.
//   row       one control: its kind and range, how long a change takes to be complete, what it is for
//   Control   one message: the values that were asked for, by the table's rows, and the layers'
//   errors    ControlError names the field at fault; a control with one is refused whole
#pragma once

#include <array>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

namespace auralis {

enum class ControlKind { number, key, mode, preset, toggle, tuning, mix };
std::string_view kind_name(ControlKind kind);

// X(name, kind, title, unit, min, max, step, glide_s, meaning): glide_s is how long a change takes
#define AURALIS_CONTROLS(X)                                                                                  \
  X(key, key, "Key", "", 0, 0, 0, 1.2, "tonic, C to B with # or b")                                          \
  X(mode, mode, "Mode", "", 0, 0, 0, 1.2, "which tones belong, and so how light or dark it is")              \
  X(bpm, number, "Tempo", "bpm", 30, 120, 1, 4.0, "beats a minute")                                          \
  X(intensity, number, "Intensity", "", 0, 1, 0.01, 1.0, "how much happens: density, brightness and colour") \
  X(preset, preset, "Preset", "", 0, 0, 0, 15.0, "what the piece is like, a name of the list of presets")    \
  X(mix, mix, "Mix of presets", "", 0, 0, 0, 3.0,                                                            \
    "how much of each of up to three presets; harmony is that of the largest share")                         \
  X(tuning, tuning, "Tuning", "", 0, 0, 0, 2.0, "which pitch each key sounds at")                            \
  X(reference, number, "Reference pitch", "Hz", 415, 466, 1, 2.0,                                            \
    "pitch of A, from which all others are counted")                                                         \
  X(volume, number, "Station level", "dB", -60, 0, 1, 1.0,                                                   \
    "level of everything, for all who listen; -60 is silence")

// The same, of one layer: layers.NAME.on and layers.NAME.gain_db.
#define AURALIS_LAYER_CONTROLS(X)                                     \
  X(on, toggle, "On", "", 0, 0, 0, 1.0, "whether the layer may play") \
  X(gain_db, number, "Level", "dB", -60, 6, 1, 0.3, "level of the layer; -60 is silence")

#define AURALIS_ENUM(name, ...) name,
enum class ControlId : size_t { AURALIS_CONTROLS(AURALIS_ENUM) count };
enum class LayerControlId : size_t { AURALIS_LAYER_CONTROLS(AURALIS_ENUM) count };
#undef AURALIS_ENUM
inline constexpr size_t control_count = static_cast<size_t>(ControlId::count);
inline constexpr size_t layer_control_count = static_cast<size_t>(LayerControlId::count);

struct ControlInfo {
  std::string_view name;
  ControlKind kind;
  std::string_view title;
  std::string_view unit;
  double min;
  double max;
  double step;  // of a slider
  double glide_s;
  std::string_view meaning;
};

#define AURALIS_INFO(name, kind, title, unit, min, max, step, glide_s, meaning) \
  ControlInfo{#name, ControlKind::kind, title, unit, min, max, step, glide_s, meaning},
inline constexpr std::array<ControlInfo, control_count> control_table{{AURALIS_CONTROLS(AURALIS_INFO)}};
inline constexpr std::array<ControlInfo, layer_control_count> layer_control_table{
    {AURALIS_LAYER_CONTROLS(AURALIS_INFO)}};
#undef AURALIS_INFO
constexpr const ControlInfo& info_of(ControlId id) { return control_table[static_cast<size_t>(id)]; }
constexpr const ControlInfo& info_of(LayerControlId id) {
  return layer_control_table[static_cast<size_t>(id)];
}
std::span<const std::string_view> control_names();
std::optional<ControlId> find_control(std::string_view name);

// "30 to 120", "C to B with # or b", "one of ionian, dorian, …": what may stand there, for messages and manuals.
std::string expected_value(const ControlInfo& info);

// Shares of presets by name, each 0 to 1, one of them above 0; what counts is how much of their sum each is.
using Mix = std::map<std::string, double>;
inline constexpr size_t most_mixed = 3;

using ControlValue = std::variant<double, std::string, Mix>;

struct LayerControl {
  std::optional<bool> on;
  std::optional<double> gain_db;

  bool operator==(const LayerControl&) const = default;
};

inline constexpr size_t longest_control_id = 128;

struct Control {
  // The sender's, at most longest_control_id bytes, echoed in the acknowledgement; may be empty.
  std::string id;
  std::array<std::optional<ControlValue>, control_count> values;
  std::map<std::string, LayerControl> layers;

  std::optional<ControlValue>& operator[](ControlId which) { return values[static_cast<size_t>(which)]; }
  const std::optional<ControlValue>& operator[](ControlId which) const {
    return values[static_cast<size_t>(which)];
  }
  // nullptr where it is not asked for; the kind says which of these a control has.
  const double* number(ControlId which) const;
  const std::string* text(ControlId which) const;
  const Mix* mix() const;  // which counts where a preset is asked for beside it

  bool empty() const;
  // Takes what the later control sets, layers member by member; a preset ends a mix.
  void merge(const Control& later);
  bool operator==(const Control&) const = default;
};

struct ControlError : std::runtime_error {
  ControlError(std::string at_field, const std::string& message)
      : std::runtime_error(message), field(std::move(at_field)) {}
  std::string field;
};

// One value, as JSON or as words of a command line ("focus:0.7,glass:0.3" is a mix); ControlError where it is not of the kind,
// or out of range. The name of a preset, and of a tuning, is checked for form only: whether it exists the composer knows.
ControlValue parse_value(const ControlInfo& info, const nlohmann::json& value, const std::string& field);
ControlValue parse_text(const ControlInfo& info, const std::string& text);

// Reads a JSON object; `type`, `id` and `t` may be there, any other unknown field is refused.
Control parse_control(const nlohmann::json& object);

// The fields that are set, without id.
nlohmann::json control_fields(const Control& control);

// What an annotation says was applied: as parse_control, but skips what this version does not know.
Control parse_annotation(const nlohmann::json& object);

// The whole table for programs that cannot include it: {NAME: {kind, title, meaning, glide_s}} with {unit, min, max, step}
// for numbers, the most presets of a mix, the names of keys and of built-in tunings, the names and steps (semitones above the tonic) of modes, and `layers`: {kind,
// controls: {on, gain_db}, layers: [{name, title, colour, meaning, percussive}]}.
nlohmann::ordered_json control_table_json();

}  // namespace auralis
