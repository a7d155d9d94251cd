// SPDX-License-Identifier: MIT
#include "core/control.h"

#include <array>
#include <nlohmann/json.hpp>

#include "core/music.h"
#include "core/patch.h"

namespace auralis {
namespace {

using nlohmann::json;

constexpr size_t longest_id = 128;

std::string text(const json& value, const std::string& field, const std::string& expected) {
  if (!value.is_string()) throw ControlError(field, field + " is not a string, expected " + expected);
  return value.get<std::string>();
}

double number(const json& value, const std::string& field, double min, double max, const std::string& range) {
  if (!value.is_number() || !(value.get<double>() >= min && value.get<double>() <= max)) {
    throw ControlError(field, field + " is " +
                                  value.dump(-1, ' ', true, json::error_handler_t::replace).substr(0, 40) +
                                  ", expected a number from " + range);
  }
  return value.get<double>();
}

LayerControl parse_layer(const json& value, const std::string& field) {
  if (!value.is_object()) throw ControlError(field, field + " is not an object, expected {on, gain_db}");
  LayerControl layer;
  for (const auto& [name, member] : value.items()) {
    const std::string path = field + "." + name;
    if (name == "on") {
      if (!member.is_boolean()) throw ControlError(path, path + " is not true or false");
      layer.on = member.get<bool>();
    } else if (name == "gain_db") {
      layer.gain_db = number(member, path, -60, 6, "-60 to 6");
    } else {
      throw ControlError(path, path + " is unknown, expected on or gain_db");
    }
  }
  return layer;
}

}  // namespace

Control parse_control(const json& object) {
  if (!object.is_object())
    throw ControlError("", "not a JSON object, expected fields such as {\"intensity\": 0.5}");
  Control control;
  for (const auto& [name, value] : object.items()) {
    if (name == "type" || name == "t") continue;
    if (name == "id") {
      control.id = value.is_number_integer() ? value.dump() : text(value, "id", "a string");
      if (control.id.size() > longest_id) throw ControlError("id", "id is longer than 128 bytes");
    } else if (name == "key") {
      control.key = text(value, "key", "C to B with # or b");
      if (!key_pitch_class(*control.key))
        throw ControlError("key", "key is unknown, expected C to B with # or b");
    } else if (name == "mode") {
      control.mode = text(value, "mode", "a mode's name");
      if (!find_mode(*control.mode)) {
        throw ControlError("mode", "mode is unknown, expected one of " + join_names(mode_names()));
      }
    } else if (name == "bpm") {
      control.bpm = number(value, "bpm", 30, 120, "30 to 120");
    } else if (name == "intensity") {
      control.intensity = number(value, "intensity", 0, 1, "0 to 1");
    } else if (name == "preset") {
      control.preset = text(value, "preset", "a preset's name");
      if (!is_layer_name(*control.preset)) {
        throw ControlError("preset", "preset is unknown, expected one that /api/presets lists");
      }
    } else if (name == "layers") {
      if (!value.is_object())
        throw ControlError("layers", "layers is not an object, expected {NAME: {on, gain_db}}");
      for (const auto& [layer, settings] : value.items()) {
        const std::string path = "layers." + layer.substr(0, 32);
        if (!is_layer_name(layer)) throw ControlError(path, path + " is not a layer's name");
        control.layers[layer] = parse_layer(settings, path);
      }
    } else {
      static constexpr std::array<std::string_view, 6> known{"key",       "mode",   "bpm",
                                                             "intensity", "preset", "layers"};
      const std::string_view nearest = nearest_name(name, known);
      throw ControlError(name.substr(0, 64),
                         name.substr(0, 64) + " is unknown, expected " +
                             (nearest.empty() ? "one of " + join_names(known) : std::string(nearest)));
    }
  }
  return control;
}

json control_fields(const Control& control) {
  json fields = json::object();
  if (control.key) fields["key"] = *control.key;
  if (control.mode) fields["mode"] = *control.mode;
  if (control.bpm) fields["bpm"] = *control.bpm;
  if (control.intensity) fields["intensity"] = *control.intensity;
  if (control.preset) fields["preset"] = *control.preset;
  for (const auto& [name, layer] : control.layers) {
    json& out = fields["layers"][name] = json::object();
    if (layer.on) out["on"] = *layer.on;
    if (layer.gain_db) out["gain_db"] = *layer.gain_db;
  }
  return fields;
}

Control applied_control(const ControlEvent& event) {
  const json fields = json::parse(event.fields, nullptr, false);
  Control control;
  if (!fields.is_object()) return control;
  for (const auto& [name, value] : fields.items()) {
    try {
      control.merge(parse_control({{name, value}}));
    } catch (const ControlError&) {
    }
  }
  control.id = event.id;
  return control;
}

void Control::merge(const Control& later) {
  if (later.key) key = later.key;
  if (later.mode) mode = later.mode;
  if (later.bpm) bpm = later.bpm;
  if (later.intensity) intensity = later.intensity;
  if (later.preset) preset = later.preset;
  for (const auto& [name, layer] : later.layers) {
    LayerControl& mine = layers[name];
    if (layer.on) mine.on = layer.on;
    if (layer.gain_db) mine.gain_db = layer.gain_db;
  }
}

}  // namespace auralis
