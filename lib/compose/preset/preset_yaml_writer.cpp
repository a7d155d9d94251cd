// SPDX-License-Identifier: MIT
#include <nlohmann/json.hpp>

#include "compose/day/day_json.h"
#include "compose/preset/preset_yaml.h"
#include "model/layer.h"
#include "model/number_text.h"

namespace auralis {
namespace {

std::string quoted_text(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

template <typename T>
std::string value_text(const Field<T>& field, T& of) {
  if (const auto* number = std::get_if<double& (*)(T&)>(&field.access)) return number_text((*number)(of));
  if (const auto* range = std::get_if<Range& (*)(T&)>(&field.access)) {
    const Range& r = (*range)(of);
    return "[" + number_text(r.low) + ", " + number_text(r.high) + "]";
  }
  if (const auto* flag = std::get_if<bool& (*)(T&)>(&field.access)) return (*flag)(of) ? "true" : "false";
  return quoted_text(std::get<std::string& (*)(T&)>(field.access)(of));
}

// One line of YAML; opens the sections that path has and the line before had not.
void write_line(std::string& out, std::string& open, std::string_view path, const std::string& value) {
  size_t depth = 0;
  size_t from = 0;
  for (size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', from)) {
    const std::string section(path.substr(0, dot));
    if (!(open + ".").starts_with(section + ".")) {
      out += std::string(2 * depth, ' ') + std::string(path.substr(from, dot - from)) + ":\n";
      open = section;
    }
    from = dot + 1;
    ++depth;
  }
  open = from == 0 ? "" : std::string(path.substr(0, from - 1));
  out += std::string(2 * depth, ' ') + std::string(path.substr(from)) + ": " + value + "\n";
}

std::string table_text(const HarmonyTable& table) {
  std::string rows;
  for (const auto& [pair, weights] : table.rows) {
    rows += "      \"" + (pair.first < 0 ? "" : std::to_string(pair.first + 1) + " ") +
            std::to_string(pair.second + 1) + "\": {";
    std::string entries;
    for (size_t to = 0; to < weights.size(); ++to) {
      if (weights[to] <= 0.0) continue;
      entries += (entries.empty() ? "" : ", ") + std::to_string(to + 1) + ": " + number_text(weights[to]);
    }
    rows += entries + "}\n";
  }
  std::string text =
      "  table:\n    characteristic: " + std::to_string(table.characteristic + 1) + "\n    rows:\n" + rows;
  if (table.colours.empty()) return text;
  text += "    colours:\n";
  for (const auto& [degree, factors] : table.colours) {
    text += "      \"" + std::to_string(degree + 1) + "\": {";
    for (size_t c = 0; c < colour_count; ++c) {
      text += (c == 0 ? "" : ", ") + std::string(colour_names[c]) + ": " + number_text(factors[c]);
    }
    text += "}\n";
  }
  return text;
}

std::string movement_text(const Modulation& movement) {
  if (movement.empty()) return "";
  std::string text = "    movement:\n";
  for (const Route& route : movement) {
    text += "      - {param: " + std::string(voice_params[static_cast<size_t>(route.param)].name) +
            ", source: " + std::string(info_of(route.source).name) + ", depth: " + number_text(route.depth);
    if (route.period_s > 0.0) text += ", period_s: " + number_text(route.period_s);
    if (route.own) text += ", own: true";
    text += "}\n";
  }
  return text;
}

}  // namespace

std::string preset_yaml(const Preset& original) {
  Preset preset = original;
  std::string out = "# " + preset.name +
                    ": every setting, defaults included, as of auralis " AURALIS_VERSION
                    "; see auralis-preset(5)\n";
  std::string open;
  for (const Field<Preset>& field : preset_fields()) {
    const std::string value = value_text(field, preset);
    if (value == "\"\"") continue;  // a text that was never set
    // The table closes the section of harmony.
    if (open.starts_with("harmony") && !field.path.starts_with("harmony") && preset.harmony.table) {
      out += table_text(*preset.harmony.table);
    }
    write_line(out, open, field.path, value);
  }
  out += "layers:\n";
  for (size_t i = 0; i < layer_count; ++i) {
    out += "  " + std::string(layer_names()[i]) + ":\n";
    for (const Field<LayerPlan>& field : layer_fields()) {
      out += "    " + std::string(field.path) + ": " + value_text(field, preset.layers[i]) + "\n";
    }
    out += "    sound:\n";
    for (size_t p = 0; p < voice_param_count; ++p) {
      out += "      " + std::string(voice_params[p].name) + ": " +
             number_text(short_decimal(preset.layers[i].sound.values[p])) + "\n";
    }
    out += movement_text(preset.layers[i].movement);
    if (const Spectra& wave = preset.layers[i].wave; wave.frames != nullptr)
      out += "    wave: " + spectra_json(wave).dump() + "\n";
  }
  out += "master:\n";
  for (size_t p = 0; p < master_param_count; ++p) {
    out += "  " + std::string(master_params[p].name) + ": " +
           number_text(short_decimal(preset.master.values[p])) + "\n";
  }
  if (!preset.day.empty()) out += "day:\n";
  for (const DayEntry& entry : preset.day)
    out += "  - " + entry_json(entry).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  const auto midi_map = [&](const char* name, const std::map<int, std::string>& layers) {
    if (layers.empty()) return;
    out += std::string("  ") + name + ":\n";
    for (const auto& [number, layer] : layers) out += "    " + std::to_string(number) + ": " + layer + "\n";
  };
  if (!(preset.midi == MidiLayers{})) out += "midi:\n";
  midi_map("channels", preset.midi.channels);
  midi_map("programs", preset.midi.programs);
  return out;
}

}  // namespace auralis
