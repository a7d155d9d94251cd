// SPDX-License-Identifier: MIT
#include "compose/preset/preset_json.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "base/text.h"
#include "compose/day/day_json.h"
#include "model/json_text.h"
#include "model/layer.h"
#include "model/modulation_json.h"
#include "model/music.h"
#include "model/number_text.h"
#include "model/tuning_json.h"

namespace auralis {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr size_t longest_shown = 40;
constexpr int midi_channels = 16;
constexpr int midi_programs = 128;

// ---- writing

// "harmony.chord_s" is {"harmony": {"chord_s": …}}.
ordered_json& place(ordered_json& root, std::string_view path) {
  ordered_json* at = &root;
  for (size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
    at = &(*at)[std::string(path.substr(0, dot))];
    path.remove_prefix(dot + 1);
  }
  return (*at)[std::string(path)];
}

template <class T>
ordered_json field_json(const Field<T>& field, T& of) {
  return std::visit(
      [&](auto access) -> ordered_json {
        if constexpr (std::is_same_v<decltype(access), Range& (*)(T&)>) {
          return {access(of).low, access(of).high};
        } else {
          return access(of);
        }
      },
      field.access);
}

template <class Values, size_t Count>
ordered_json params_json(const Values& values, const std::array<ParamInfo, Count>& table) {
  ordered_json out = ordered_json::object();
  for (size_t p = 0; p < Count; ++p) out[std::string(table[p].name)] = short_decimal(values.values[p]);
  return out;
}

ordered_json table_json(const HarmonyTable& table) {
  ordered_json out{{"characteristic", table.characteristic + 1}};
  for (const auto& [degrees, weights] : table.rows) {
    const auto& [before, last] = degrees;
    const std::string key =
        (before < 0 ? std::string() : std::to_string(before + 1) + " ") + std::to_string(last + 1);
    ordered_json& row = out["rows"][key] = ordered_json::object();
    for (size_t to = 0; to < weights.size(); ++to) {
      if (weights[to] > 0.0) row[std::to_string(to + 1)] = weights[to];
    }
  }
  for (const auto& [degree, factors] : table.colours) {
    ordered_json& row = out["colours"][std::to_string(degree + 1)];
    for (size_t c = 0; c < colour_count; ++c) row[std::string(colour_names[c])] = factors[c];
  }
  return out;
}

// ---- reading

[[noreturn]] void wrong(const std::string& path, const json& value, const std::string& expected) {
  throw Error(Exit::bad_input, path + " is " + short_text(value) + ", expected " + expected);
}

[[noreturn]] void unknown(const std::string& path, std::string_view name,
                          std::span<const std::string_view> known) {
  throw Error(Exit::bad_input, (path.empty() ? path : path + ".") + std::string(name) +
                                   " is not known, expected " + expected_name(name, known));
}

std::string below(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

void each(const json& object, const std::string& path,
          const std::function<void(const std::string& name, const json& value)>& visit) {
  if (!object.is_object()) wrong(path.empty() ? "the preset" : path, object, "an object");
  for (const auto& [name, value] : object.items()) visit(name, value);
}

double number(const json& value, const std::string& path, double min, double max) {
  const double x = value.is_number() ? value.get<double>() : min - 1.0;
  if (!(x >= min && x <= max))
    wrong(path, value, "a number from " + number_text(min) + " to " + number_text(max));
  return x;
}

int whole_number(const std::string& text, const std::string& path, int most) {
  int value = 0;
  for (char c : text) value = c >= '0' && c <= '9' && value <= most ? 10 * value + (c - '0') : most + 1;
  if (value < 1 || value > most) wrong(path, text, "a number from 1 to " + std::to_string(most));
  return value;
}

template <class T>
void read_field(const Field<T>& field, const json& value, const std::string& path, T& into) {
  if (const auto* at = std::get_if<double& (*)(T&)>(&field.access)) {
    (*at)(into) = number(value, path, field.min, field.max);
  } else if (const auto* range_at = std::get_if<Range& (*)(T&)>(&field.access)) {
    if (!value.is_array() || value.size() != 2) wrong(path, value, "[low, high]");
    const Range range{number(value[0], path, field.min, field.max),
                      number(value[1], path, field.min, field.max)};
    if (range.low > range.high) wrong(path, value, "the lower one first");
    (*range_at)(into) = range;
  } else if (const auto* flag_at = std::get_if<bool& (*)(T&)>(&field.access)) {
    if (!value.is_boolean()) wrong(path, value, "true or false");
    (*flag_at)(into) = value.get<bool>();
  } else {
    const auto longest = static_cast<size_t>(field.max);
    const bool fits = value.is_string() && !value.get_ref<const std::string&>().empty() &&
                      value.get_ref<const std::string&>().size() <= longest;
    if (!fits) wrong(path, value, "a text of 1 to " + std::to_string(longest) + " bytes");
    std::get<std::string& (*)(T&)>(field.access)(into) = value.get<std::string>();
  }
}

template <class Values, size_t Count>
void read_params(const json& object, const std::string& path, const std::array<ParamInfo, Count>& table,
                 std::span<const std::string_view> known, Values& into) {
  each(object, path, [&](const std::string& name, const json& value) {
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const ParamInfo& p) { return p.name == name; });
    if (found == table.end()) unknown(path, name, known);
    into.values[static_cast<size_t>(found - table.begin())] =
        static_cast<float>(number(value, below(path, name), found->min, found->max));
  });
}

HarmonyTable read_table(const json& object, const std::string& path, const Mode& mode) {
  constexpr double most_weight = 100.0;
  const auto degrees = static_cast<int>(mode.steps.size());
  HarmonyTable table;
  table.characteristic = mode.characteristic;
  const auto degree = [&](const std::string& text, const std::string& at) {
    return whole_number(text, at, degrees) - 1;
  };
  each(object, path, [&](const std::string& name, const json& value) {
    const std::string here = below(path, name);
    if (name == "characteristic") {
      table.characteristic = static_cast<int>(number(value, here, 1, degrees)) - 1;
    } else if (name == "rows") {
      each(value, here, [&](const std::string& key, const json& weights) {
        const size_t space = key.find(' ');
        const int before = space == std::string::npos ? -1 : degree(key.substr(0, space), here);
        const int last = degree(space == std::string::npos ? key : key.substr(space + 1), here);
        std::vector<double>& row = table.rows[{before, last}];
        row.assign(static_cast<size_t>(degrees), 0.0);
        each(weights, below(here, key), [&](const std::string& to, const json& weight) {
          row[static_cast<size_t>(degree(to, below(here, key)))] =
              number(weight, below(here, key), 0, most_weight);
        });
        row[static_cast<size_t>(last)] = 0.0;
        if (std::all_of(row.begin(), row.end(), [](double w) { return w <= 0.0; }))
          wrong(below(here, key), weights, "a weight above 0 to another degree");
      });
    } else if (name == "colours") {
      each(value, here, [&](const std::string& key, const json& factors) {
        ColourWeights& weights = table.colours[degree(key, here)];
        weights.fill(1.0);
        each(factors, below(here, key), [&](const std::string& colour, const json& factor) {
          const auto found = std::find(colour_names.begin(), colour_names.end(), colour);
          if (found == colour_names.end()) unknown(below(here, key), colour, colour_names);
          weights[static_cast<size_t>(found - colour_names.begin())] =
              number(factor, below(here, key), 0, most_weight);
        });
      });
    } else {
      static constexpr std::array<std::string_view, 3> known{"characteristic", "rows", "colours"};
      unknown(path, name, known);
    }
  });
  for (int from = 0; from < degrees; ++from) {
    if (!table.rows.contains({-1, from})) wrong(path, object, "a row for each of the degrees");
  }
  return table;
}

class PresetReader {
 public:
  explicit PresetReader(const json& object) {
    if (object.is_object() && object.contains("name") && object["name"].is_string())
      preset_.name = object["name"].get<std::string>();
    section(object, "");
    if (const auto fault = preset_fault(preset_)) throw Error(Exit::bad_input, fault->message);
    if (!preset_.scale && !preset_.tuning.empty()) {
      const Tuning* known = find_tuning(preset_.tuning);
      if (known == nullptr) wrong("tuning", preset_.tuning, expected_name(preset_.tuning, tuning_names()));
      preset_.scale = *known;
    }
    if (table_ != nullptr) {
      preset_.harmony.table = read_table(*table_, "harmony.table", *find_mode(preset_.mode));
    }
  }

  Preset take() { return std::move(preset_); }

 private:
  void section(const json& object, const std::string& path) {
    each(object, path, [&](const std::string& name, const json& value) {
      const std::string here = below(path, name);
      const auto fields = preset_fields();
      const auto field =
          std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.path == here; });
      const bool opens = std::any_of(fields.begin(), fields.end(),
                                     [&](const auto& f) { return f.path.starts_with(here + "."); });
      if (field != fields.end()) {
        read_field(*field, value, here, preset_);
      } else if (here == "layers") {
        each(value, here, [&](const std::string& layer, const json& plan) { read_layer(layer, plan); });
      } else if (here == "master") {
        read_params(value, here, master_params, master_param_names(), preset_.master);
      } else if (here == "midi") {
        each(value, here, [&](const std::string& map, const json& layers) { read_midi_map(map, layers); });
      } else if (here == "day") {
        read_day(value);
      } else if (here == "scale") {
        preset_.scale = tuning_from_json(value, here);
      } else if (here == "harmony.table") {
        table_ = &value;  // how many degrees it has the mode says
      } else if (opens) {
        section(value, here);
      } else if (here != "name") {
        throw Error(Exit::bad_input, std::string(first_bytes(here, longest_shown)) + " is not known");
      }
    });
  }

  void read_day(const json& list) {
    try {
      preset_.day = day_from_json(list, "day");
    } catch (const ControlError& error) {
      throw Error(Exit::bad_input, std::string("day: ") + error.what());
    }
  }

  void read_layer(const std::string& name, const json& plan) {
    const std::optional<Layer> layer = find_layer(name);
    if (!layer) unknown("layers", name, layer_names());
    const std::string path = "layers." + name;
    each(plan, path, [&](const std::string& key, const json& value) {
      const auto fields = layer_fields();
      const auto field =
          std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.path == key; });
      if (field != fields.end()) {
        read_field(*field, value, below(path, key), preset_.layer(*layer));
      } else if (key == "sound") {
        read_params(value, below(path, key), voice_params, voice_param_names(), preset_.layer(*layer).sound);
      } else if (key == "movement") {
        preset_.layer(*layer).movement = modulation_from_json(value, below(path, key), RoutesOf::preset);
      } else if (key == "wave") {
        preset_.layer(*layer).wave = spectra_from_json(value, below(path, key));
      } else {
        throw Error(Exit::bad_input,
                    std::string(first_bytes(below(path, key), longest_shown)) + " is not known");
      }
    });
  }

  void read_midi_map(const std::string& map, const json& layers) {
    static constexpr std::array<std::string_view, 2> known{"channels", "programs"};
    if (map != known[0] && map != known[1]) unknown("midi", map, known);
    auto& into = map == known[0] ? preset_.midi.channels : preset_.midi.programs;
    const int most = map == known[0] ? midi_channels : midi_programs;
    each(layers, "midi." + map, [&](const std::string& key, const json& layer) {
      if (!layer.is_string() || !find_layer(layer.get_ref<const std::string&>()))
        wrong("midi." + map, layer, "the name of a layer");
      into[whole_number(key, "midi." + map, most)] = layer.get<std::string>();
    });
  }

  Preset preset_;
  const json* table_ = nullptr;
};

}  // namespace

ordered_json preset_json(const Preset& original) {
  Preset preset = original;  // the fields' accessors are for writing, too
  ordered_json out{{"name", preset.name}};
  for (const Field<Preset>& field : preset_fields()) {
    ordered_json value = field_json(field, preset);
    if (!value.is_string() || !value.get_ref<const std::string&>().empty())
      place(out, field.path) = std::move(value);
  }
  const Tuning* named = find_tuning(preset.tuning);
  if (preset.scale && (named == nullptr || *named != *preset.scale))
    out["scale"] = tuning_json(*preset.scale);
  if (preset.harmony.table) out["harmony"]["table"] = table_json(*preset.harmony.table);
  for (Layer layer : all_layers) {
    ordered_json& plan = out["layers"][std::string(name_of(layer))];
    for (const Field<LayerPlan>& field : layer_fields())
      place(plan, field.path) = field_json(field, preset.layer(layer));
    plan["sound"] = params_json(preset.layer(layer).sound, voice_params);
    if (const Modulation& movement = preset.layer(layer).movement; !movement.empty())
      plan["movement"] = modulation_json(movement);
    if (const Spectra& wave = preset.layer(layer).wave; wave.frames != nullptr)
      plan["wave"] = spectra_json(wave);
  }
  if (!preset.day.empty()) out["day"] = day_json(preset.day);
  out["master"] = params_json(preset.master, master_params);
  for (const auto& [number, layer] : preset.midi.channels)
    out["midi"]["channels"][std::to_string(number)] = layer;
  for (const auto& [number, layer] : preset.midi.programs)
    out["midi"]["programs"][std::to_string(number)] = layer;
  return out;
}

Preset preset_from_json(const json& object) { return PresetReader(object).take(); }

ordered_json harmony_json(const HarmonyTables& tables) {
  ordered_json out = ordered_json::object();
  for (const auto& [mode, table] : tables) out[mode] = table_json(table);
  return out;
}

HarmonyTables harmony_from_json(const json& object) {
  HarmonyTables tables;
  each(object, "harmony", [&](const std::string& name, const json& table) {
    const Mode* mode = find_mode(name);
    if (mode == nullptr) unknown("harmony", name, mode_names());
    tables[name] = read_table(table, "harmony." + name, *mode);
  });
  return tables;
}

}  // namespace auralis
