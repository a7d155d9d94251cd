// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "compose/day/day_yaml.h"
#include "compose/preset/harmony_tables.h"
#include "compose/preset/preset_check.h"
#include "compose/preset/preset_yaml.h"
#include "compose/preset/yaml_reader.h"
#include "model/layer.h"
#include "model/limits.h"
#include "model/modulation_json.h"
#include "model/music.h"

namespace auralis {
namespace {

constexpr size_t longest_name = 32;

template <typename T>
void read_field(const YamlReader& reader, const Field<T>& field, const YAML::Node& node,
                const std::string& path, T& into) {
  if (const auto* number = std::get_if<double& (*)(T&)>(&field.access)) {
    (*number)(into) = reader.number(node, path, field.min, field.max, field.unit);
  } else if (const auto* range = std::get_if<Range& (*)(T&)>(&field.access)) {
    (*range)(into) = reader.range(node, path, field.min, field.max, field.unit);
  } else if (const auto* flag = std::get_if<bool& (*)(T&)>(&field.access)) {
    (*flag)(into) = reader.boolean(node, path);
  } else {
    std::get<std::string& (*)(T&)>(field.access)(into) =
        reader.text(node, path, static_cast<size_t>(field.max));
  }
}

template <typename Set, size_t Count>
void read_params(const YamlReader& reader, const YAML::Node& node, const std::string& path,
                 const std::array<ParamInfo, Count>& table, std::span<const std::string_view> known,
                 Set& into) {
  reader.each(node, path, [&](const YAML::Node& at, const std::string& key, const YAML::Node& value) {
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const ParamInfo& p) { return p.name == key; });
    if (found == table.end()) reader.unknown(at, path, key, known);
    const double x = reader.number(value, path + "." + key, found->min, found->max, found->unit);
    into.values[static_cast<size_t>(found - table.begin())] = static_cast<float>(x);
  });
}

template <typename T>
T one_of(const YamlReader& reader, const YAML::Node& node, const std::string& path,
         std::optional<T> (*find)(std::string_view), std::span<const std::string_view> known) {
  const std::string name = reader.text(node, path, longest_name);
  const std::optional<T> found = find(name);
  if (!found) reader.fail(node, path + " is \"" + name + "\", expected " + expected_name(name, known));
  return *found;
}

Route read_route(const YamlReader& reader, const YAML::Node& node, const std::string& path) {
  std::map<std::string_view, YAML::Node> fields;
  reader.each(node, path, [&](const YAML::Node& at, const std::string& key, const YAML::Node& value) {
    const auto known = std::find(route_fields.begin(), route_fields.end(), key);
    if (known == route_fields.end()) reader.unknown(at, path, key, route_fields);
    fields.emplace(*known, value);
  });
  for (const std::string_view needed : std::span(route_fields).first(3)) {
    if (!fields.contains(needed))
      reader.fail(node, path + " has no " + std::string(needed) + ", which a route needs");
  }
  Route route;
  route.param = one_of(reader, fields["param"], path + ".param", find_voice_param, voice_param_names());
  route.source = one_of(reader, fields["source"], path + ".source", find_source, source_names());
  const double greatest = greatest_depth(route.param);
  route.depth = reader.number(fields["depth"], path + ".depth", -greatest, greatest, depth_unit(route.param));
  route.period_s = initial_period_s(route.source);
  if (fields.contains("period_s")) {
    const auto [low, high] = Route::periods_s;
    route.period_s = reader.number(fields["period_s"], path + ".period_s", low, high, "seconds");
  }
  if (fields.contains("own")) route.own = reader.boolean(fields["own"], path + ".own");
  if (const auto fault = route_fault(route)) {
    reader.fail(fields[fault->field],
                path + "." + std::string(fault->field) + " is wrong: " + fault->message);
  }
  return settled(route);
}

Modulation read_movement(const YamlReader& reader, const YAML::Node& node, const std::string& path) {
  Modulation movement;
  reader.each_item(node, path, [&](const YAML::Node& item, const std::string& here) {
    movement.push_back(read_route(reader, item, here));
  });
  if (movement.size() > limits::routes) reader.fail(node, path + " " + too_many_routes(movement.size()));
  return movement;
}

Spectra read_wave(const YamlReader& reader, const YAML::Node& node, const std::string& path) {
  nlohmann::json frames = nlohmann::json::array();
  reader.each_item(node, path, [&](const YAML::Node& frame, const std::string& frame_path) {
    nlohmann::json partials = nlohmann::json::array();
    reader.each_item(frame, frame_path, [&](const YAML::Node& item, const std::string& here) {
      partials.push_back(reader.number(item, here, 0.0, 1.0));
    });
    frames.push_back(std::move(partials));
  });
  try {
    return spectra_from_json(frames, path);
  } catch (const Error& error) {
    reader.fail(node, error.what());
  }
}

// What may stand directly below a section ("" is the whole file).
std::vector<std::string_view> names_below(std::string_view section) {
  std::vector<std::string_view> names;
  const auto add = [&](std::string_view name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  const std::string prefix = section.empty() ? std::string() : std::string(section) + ".";
  for (const Field<Preset>& field : preset_fields()) {
    if (!field.path.starts_with(prefix)) continue;
    const std::string_view rest = field.path.substr(prefix.size());
    add(rest.substr(0, rest.find('.')));
  }
  if (section.empty()) add("layers"), add("master"), add("midi"), add("day");
  if (section == "harmony") add("table");
  return names;
}

class PresetReader {
 public:
  PresetReader(const std::string& file, Preset& preset, const FindTuning& find_tuning,
               std::vector<std::string>* faults = nullptr)
      : reader_{file, faults}, preset_(preset), find_tuning_(find_tuning) {}

  void read(const std::string& yaml) {
    reader_.guard([&] { section(reader_.parse(yaml), ""); });
    // How settings go together is asked once each of them is right.
    if (reader_.faults == nullptr || reader_.faults->empty()) reader_.guard([&] { check(); });
  }

 private:
  void section(const YAML::Node& node, const std::string& path) {
    reader_.each(node, path, [&](const YAML::Node& at, const std::string& key, const YAML::Node& value) {
      const std::string here = path.empty() ? key : path + "." + key;
      const auto& table = preset_fields();
      const auto field =
          std::find_if(table.begin(), table.end(), [&](const auto& f) { return f.path == here; });
      if (field != table.end()) {
        read_field(reader_, *field, value, here, preset_);
        seen_[here].reset(value);
      } else if (here == "layers") {
        layers(value);
      } else if (here == "master") {
        read_params(reader_, value, here, master_params, master_param_names(), preset_.master);
      } else if (here == "day") {
        preset_.day = read_day(reader_, value, here);
      } else if (here == "midi") {
        midi(value);
      } else if (here == "harmony.table") {
        table_node_.reset(value);
        has_table_ = true;
      } else if (!names_below(here).empty()) {
        section(value, here);
      } else {
        reader_.unknown(at, path, key, names_below(path));
      }
    });
  }

  void layers(const YAML::Node& node) {
    static const auto keys = [] {
      std::vector<std::string_view> names;
      for (const auto& field : layer_fields()) names.push_back(field.path);
      names.push_back("sound");
      names.push_back("movement");
      names.push_back("wave");
      return names;
    }();
    reader_.each(node, "layers", [&](const YAML::Node& at, const std::string& name, const YAML::Node& plan) {
      const std::optional<Layer> layer = find_layer(name);
      if (!layer) reader_.unknown(at, "layers", name, layer_names());
      reader_.each(plan, "layers." + name,
                   [&](const YAML::Node& key_at, const std::string& key, const YAML::Node& value) {
                     const std::string here = "layers." + name + "." + key;
                     const auto& table = layer_fields();
                     const auto field = std::find_if(table.begin(), table.end(),
                                                     [&](const auto& f) { return f.path == key; });
                     if (field != table.end()) {
                       read_field(reader_, *field, value, here, preset_.layer(*layer));
                     } else if (key == "sound") {
                       read_params(reader_, value, here, voice_params, voice_param_names(),
                                   preset_.layer(*layer).sound);
                     } else if (key == "movement") {
                       preset_.layer(*layer).movement = read_movement(reader_, value, here);
                     } else if (key == "wave") {
                       preset_.layer(*layer).wave = read_wave(reader_, value, here);
                     } else {
                       reader_.unknown(key_at, "layers." + name, key, keys);
                     }
                   });
    });
  }

  void midi(const YAML::Node& node) {
    static constexpr std::array<std::string_view, 2> maps{"channels", "programs"};
    reader_.each(node, "midi", [&](const YAML::Node& at, const std::string& key, const YAML::Node& value) {
      if (key != maps[0] && key != maps[1]) reader_.unknown(at, "midi", key, maps);
      const int count = key == maps[0] ? 16 : 128;
      auto& layers = key == maps[0] ? preset_.midi.channels : preset_.midi.programs;
      const std::string path = "midi." + key;
      reader_.each(
          value, path, [&](const YAML::Node& number_at, const std::string& number, const YAML::Node& to) {
            int n = 0;
            const auto [rest, status] = std::from_chars(number.data(), number.data() + number.size(), n);
            if (status != std::errc() || rest != number.data() + number.size() || n < 1 || n > count) {
              reader_.fail(number_at,
                           path + "." + number + ", expected a number from 1 to " + std::to_string(count));
            }
            const std::string layer = reader_.text(to, path + "." + number, 32);
            if (!find_layer(layer)) reader_.unknown(to, path, layer, layer_names());
            layers[n] = layer;
          });
    });
  }

  void take_tuning() {
    if (preset_.tuning.empty() && preset_.keyboard.empty()) return;
    const std::string field = preset_.tuning.empty() ? "keyboard" : "tuning";
    if (find_tuning_) {
      try {
        preset_.scale = find_tuning_(preset_.tuning, preset_.keyboard);
      } catch (const Error& error) {
        reader_.fail(seen_[field], field + ": " + error.what());
      }
    } else if (const Tuning* known = find_tuning(preset_.tuning)) {
      preset_.scale = *known;
    } else {
      reader_.unknown(seen_[field], field, preset_.tuning, tuning_names());
    }
  }

  void check() {
    take_tuning();
    if (const auto fault = preset_fault(preset_)) reader_.fail(seen_[fault->field], fault->message);
    if (has_table_) {
      preset_.harmony.table =
          read_harmony_table(reader_, table_node_, "harmony.table", *find_mode(preset_.mode));
    }
  }

  YamlReader reader_;
  Preset& preset_;
  const FindTuning& find_tuning_;
  std::map<std::string, YAML::Node> seen_;
  YAML::Node table_node_;
  bool has_table_ = false;
};

}  // namespace

std::vector<std::string> preset_faults(const std::string& yaml, const std::string& file,
                                       const FindTuning& find_tuning) {
  Preset preset;
  std::vector<std::string> faults;
  PresetReader(file, preset, find_tuning, &faults).read(yaml);
  return faults;
}

Preset parse_preset(const std::string& yaml, const std::string& file, const FindTuning& find_tuning) {
  Preset preset;
  preset.name = std::filesystem::path(file).stem().string();
  PresetReader(file, preset, find_tuning).read(yaml);
  return preset;
}

}  // namespace auralis
