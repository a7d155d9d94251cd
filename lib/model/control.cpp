// SPDX-License-Identifier: MIT
#include "model/control.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "model/json_text.h"
#include "model/layer.h"
#include "model/music.h"
#include "model/music_words.h"
#include "model/number_text.h"
#include "model/tuning.h"

namespace auralis {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr size_t longest_name = 64;  // of a field that a message repeats

std::string name_shown(std::string_view name) { return std::string(first_bytes(name, longest_name)); }

ControlError wrong(const ControlInfo& info, const std::string& field, const std::string& what) {
  return {field, field + " " + what + ", expected " + expected_value(info)};
}

ControlValue checked_number(const ControlInfo& info, double x, const std::string& field,
                            const std::string& shown) {
  if (!(x >= info.min && x <= info.max)) throw wrong(info, field, "is " + shown);
  return x;
}

// What was meant, as it is to be written; empty where that is not clear.
std::string meant_text(const ControlInfo& info, std::string_view text) {
  if (info.kind == ControlKind::key) {
    const std::optional<KeyWords> words = key_of_words(text);
    return words ? words->key : "";
  }
  return info.kind == ControlKind::mode ? std::string(mode_of_words(text).value_or("")) : "";
}

std::string hint_at(const ControlInfo& info, std::string_view text) {
  if (info.kind == ControlKind::key && (text == "H" || text == "h")) return "; H in German is B here";
  if (const std::string meant = meant_text(info, text); !meant.empty()) return "; write " + meant;
  const std::string_view nearest =
      info.kind == ControlKind::mode ? nearest_name(text, mode_names()) : std::string_view();
  return nearest.empty() ? "" : "; the nearest is " + std::string(nearest);
}

ControlValue checked_text(const ControlInfo& info, std::string text, const std::string& field) {
  const bool known = info.kind == ControlKind::key    ? key_pitch_class(text).has_value()
                     : info.kind == ControlKind::mode ? find_mode(text) != nullptr
                                                      : is_layer_name(text);
  if (known) return text;
  throw ControlError(field, field + " is \"" + name_shown(text) + "\", expected " + expected_value(info) +
                                hint_at(info, text));
}

LayerControl parse_layer(const json& value, const std::string& field) {
  if (!value.is_object()) throw ControlError(field, field + " is not an object, expected {on, gain_db}");
  LayerControl layer;
  for (const auto& [name, member] : value.items()) {
    const std::string path = field + "." + name_shown(name);
    if (name == info_of(LayerControlId::on).name) {
      if (!member.is_boolean()) throw wrong(info_of(LayerControlId::on), path, "is " + short_text(member));
      layer.on = member.get<bool>();
    } else if (name == info_of(LayerControlId::gain_db).name) {
      layer.gain_db = std::get<double>(parse_value(info_of(LayerControlId::gain_db), member, path));
    } else {
      throw ControlError(path, path + " is unknown, expected on or gain_db");
    }
  }
  return layer;
}

Mix checked_mix(Mix mix, const std::string& field) {
  const bool sounds =
      std::any_of(mix.begin(), mix.end(), [](const auto& share) { return share.second > 0.0; });
  if (mix.size() <= most_mixed && sounds) return mix;
  throw wrong(info_of(ControlId::mix), field,
              sounds ? "has " + std::to_string(mix.size()) + " presets" : "has no share above 0");
}

double checked_share(const std::string& name, double share, const std::string& field) {
  if (!is_layer_name(name)) throw ControlError(field, field + " is not a preset's name");
  if (share >= 0.0 && share <= 1.0) return share;
  throw ControlError(field, field + " is out of range, expected a number from 0 to 1");
}

Mix parse_mix(const json& value, const std::string& field) {
  if (!value.is_object()) throw wrong(info_of(ControlId::mix), field, "is not an object");
  Mix mix;
  for (const auto& [name, share] : value.items()) {
    const std::string path = field + "." + name_shown(name);
    if (!share.is_number()) throw ControlError(path, path + " is not a number, expected 0 to 1");
    mix[name] = checked_share(name, share.get<double>(), path);
  }
  return checked_mix(std::move(mix), field);
}

// focus:0.7,glass:0.3; what has no number has a share of 1.
Mix mix_of_words(std::string_view text, const std::string& field) {
  Mix mix;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const std::string name(part.substr(0, part.find(':')));
    const std::string share(part.size() > name.size() ? part.substr(name.size() + 1) : "1");
    const json number = parse_json(share.starts_with('.') ? "0" + share : share);
    mix[name] =
        checked_share(name, number.is_number() ? number.get<double>() : -1.0, field + "." + name_shown(name));
  }
  return checked_mix(std::move(mix), field);
}

void parse_layers(const json& value, Control& control) {
  if (!value.is_object())
    throw ControlError("layers", "layers is not an object, expected {NAME: {on, gain_db}}");
  for (const auto& [layer, settings] : value.items()) {
    const std::string path = "layers." + name_shown(layer);
    if (!is_layer_name(layer)) throw ControlError(path, path + " is not a layer's name");
    control.layers[layer] = parse_layer(settings, path);
  }
}

// What is_layer_name holds names to, of presets too, for programs that cannot call it.
constexpr std::string_view name_pattern = "^(?!master$)[a-z0-9_-]{1,32}$";

ordered_json info_json(const ControlInfo& info) {
  ordered_json row{{"kind", kind_name(info.kind)},
                   {"title", info.title},
                   {"meaning", info.meaning},
                   {"glide_s", info.glide_s}};
  if (info.kind == ControlKind::number) {
    row["unit"] = info.unit;
    row["min"] = info.min;
    row["max"] = info.max;
    row["step"] = info.step;
  }
  if (info.kind == ControlKind::preset || info.kind == ControlKind::mix) row["pattern"] = name_pattern;
  if (info.kind == ControlKind::mix) row["most"] = most_mixed;
  if (info.kind == ControlKind::key) row["names"] = key_names();
  if (info.kind == ControlKind::tuning) row["names"] = tuning_names();
  if (info.kind == ControlKind::mode) {
    row["names"] = mode_names();
    for (const Mode& mode : modes()) row["steps"].push_back(mode.steps);
  }
  return row;
}

}  // namespace

std::string_view kind_name(ControlKind kind) {
  constexpr std::string_view names[] = {"number", "key", "mode", "preset", "toggle", "tuning", "mix"};
  return names[static_cast<size_t>(kind)];
}

std::span<const std::string_view> control_names() {
  static constexpr auto names = [] {
    std::array<std::string_view, control_count> all;
    std::transform(control_table.begin(), control_table.end(), all.begin(),
                   [](const ControlInfo& info) { return info.name; });
    return all;
  }();
  return names;
}

std::optional<ControlId> find_control(std::string_view name) {
  const auto found = std::find(control_names().begin(), control_names().end(), name);
  if (found == control_names().end()) return std::nullopt;
  return static_cast<ControlId>(found - control_names().begin());
}

std::string expected_value(const ControlInfo& info) {
  switch (info.kind) {
    case ControlKind::number:
      return "a number from " + number_text(info.min) + " to " + number_text(info.max);
    case ControlKind::key:
      return "C to B with # or b";
    case ControlKind::mode:
      return "one of " + join_names(mode_names());
    case ControlKind::preset:
      return "one that /api/presets lists";
    case ControlKind::toggle:
      return "true or false";
    case ControlKind::tuning:
      return "one of " + join_names(tuning_names()) + ", or of the listener's own";
    case ControlKind::mix:
      return "up to " + std::to_string(most_mixed) +
             " presets with shares from 0 to 1, such as {\"focus\": 0.7, \"glass\": 0.3}";
  }
  return {};
}

const double* Control::number(ControlId which) const {
  const auto& value = (*this)[which];
  return value ? std::get_if<double>(&*value) : nullptr;
}

const std::string* Control::text(ControlId which) const {
  const auto& value = (*this)[which];
  return value ? std::get_if<std::string>(&*value) : nullptr;
}

const Mix* Control::mix() const {
  const auto& value = (*this)[ControlId::mix];
  return value ? std::get_if<Mix>(&*value) : nullptr;
}

bool Control::empty() const {
  return layers.empty() &&
         std::none_of(values.begin(), values.end(), [](const auto& v) { return v.has_value(); });
}

void Control::merge(const Control& later) {
  if (later[ControlId::preset]) (*this)[ControlId::mix].reset();
  for (size_t i = 0; i < control_count; ++i) {
    if (later.values[i]) values[i] = later.values[i];
  }
  for (const auto& [name, layer] : later.layers) {
    LayerControl& mine = layers[name];
    if (layer.on) mine.on = layer.on;
    if (layer.gain_db) mine.gain_db = layer.gain_db;
  }
}

ControlValue parse_value(const ControlInfo& info, const json& value, const std::string& field) {
  if (info.kind == ControlKind::number) {
    if (!value.is_number()) throw wrong(info, field, "is " + short_text(value));
    return checked_number(info, value.get<double>(), field, short_text(value));
  }
  if (info.kind == ControlKind::mix) return parse_mix(value, field);
  if (!value.is_string()) throw wrong(info, field, "is not a string");
  return checked_text(info, value.get<std::string>(), field);
}

ControlValue parse_text(const ControlInfo& info, const std::string& text) {
  const std::string field(info.name);
  if (info.kind == ControlKind::mix) return mix_of_words(text, field);
  if (info.kind != ControlKind::number) {
    const std::string meant = meant_text(info, text);
    return checked_text(info, meant.empty() ? text : meant, field);
  }
  const json number = parse_json(text.starts_with('.') ? "0" + text : text);
  if (!number.is_number()) throw wrong(info, field, "is \"" + text + "\"");
  return checked_number(info, number.get<double>(), field, text);
}

Control parse_control(const json& object) {
  if (!object.is_object())
    throw ControlError("", "not a JSON object, expected fields such as {\"intensity\": 0.5}");
  Control control;
  for (const auto& [name, value] : object.items()) {
    if (name == "type" || name == "t") continue;
    if (name == "id") {
      if (!value.is_string() && !value.is_number_integer())
        throw ControlError("id", "id is not a string, expected a string");
      control.id = value.is_string() ? value.get<std::string>() : value.dump();
      if (control.id.size() > longest_control_id)
        throw ControlError("id", "id is longer than " + std::to_string(longest_control_id) + " bytes");
    } else if (name == "layers") {
      parse_layers(value, control);
    } else if (const auto id = find_control(name)) {
      control[*id] = parse_value(info_of(*id), value, name);
    } else {
      std::vector<std::string_view> known(control_names().begin(), control_names().end());
      known.push_back("layers");
      const std::string shown = name_shown(name);
      throw ControlError(shown, shown + " is unknown, expected " + expected_name(name, known));
    }
  }
  return control;
}

json control_fields(const Control& control) {
  json fields = json::object();
  for (size_t i = 0; i < control_count; ++i) {
    if (!control.values[i]) continue;
    std::visit([&](const auto& value) { fields[std::string(control_table[i].name)] = value; },
               *control.values[i]);
  }
  for (const auto& [name, layer] : control.layers) {
    json& out = fields["layers"][name] = json::object();
    if (layer.on) out["on"] = *layer.on;
    if (layer.gain_db) out["gain_db"] = *layer.gain_db;
  }
  return fields;
}

Control parse_annotation(const json& object) {
  Control control;
  for (const auto& [name, value] : object.items()) {
    try {
      Control one = parse_control({{name, value}});
      control.merge(one);
      if (name == "id") control.id = std::move(one.id);
    } catch (const ControlError&) {
    }
  }
  return control;
}

ordered_json control_table_json() {
  ordered_json all = ordered_json::object();
  for (const ControlInfo& info : control_table) all[std::string(info.name)] = info_json(info);
  ordered_json members = ordered_json::object();
  for (const ControlInfo& info : layer_control_table) members[std::string(info.name)] = info_json(info);
  ordered_json layers = ordered_json::array();
  for (const LayerInfo& layer : layer_table()) {
    layers.push_back({{"name", layer.name},
                      {"title", layer.title},
                      {"colour", layer.colour},
                      {"meaning", layer.meaning},
                      {"percussive", layer.percussive}});
  }
  all["layers"] = {{"kind", "layers"}, {"controls", members}, {"layers", layers}, {"pattern", name_pattern}};
  return all;
}

}  // namespace auralis
