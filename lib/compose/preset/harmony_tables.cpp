// SPDX-License-Identifier: MIT
#include "compose/preset/harmony_tables.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/io.h"
#include "compose/preset/preset_files.h"
#include "model/limits.h"
#include "model/music.h"

namespace auralis {
namespace {

class TableReader {
 public:
  TableReader(const YamlReader& reader, const Mode& mode)
      : reader_(reader),
        degrees_(static_cast<int>(mode.steps.size())),
        one_degree_("a degree from 1 to " + std::to_string(degrees_)) {
    table_.characteristic = mode.characteristic;
  }

  HarmonyTable read(const YAML::Node& node, const std::string& path) {
    reader_.each(node, path, [&](const YAML::Node& at, const std::string& key, const YAML::Node& value) {
      section(at, path, key, value);
    });
    for (int from = 0; from < degrees_; ++from) {
      if (!table_.rows.contains({-1, from})) {
        reader_.fail(node, path + ".rows has no row \"" + std::to_string(from + 1) +
                               "\", expected one for each of the " + std::to_string(degrees_) + " degrees");
      }
    }
    return std::move(table_);
  }

 private:
  void section(const YAML::Node& at, const std::string& path, const std::string& key,
               const YAML::Node& value) {
    const std::string here = path + "." + key;
    if (key == "characteristic") {
      table_.characteristic = static_cast<int>(std::floor(reader_.number(value, here, 1, degrees_))) - 1;
    } else if (key == "rows") {
      reader_.each(value, here,
                   [&](const YAML::Node& row_at, const std::string& row_key, const YAML::Node& weights) {
                     row(row_at, here, row_key, weights);
                   });
    } else if (key == "colours") {
      reader_.each(value, here,
                   [&](const YAML::Node& of_at, const std::string& of_key, const YAML::Node& factors) {
                     colours(of_at, here, of_key, factors);
                   });
    } else {
      static constexpr std::array<std::string_view, 3> known{"characteristic", "rows", "colours"};
      reader_.unknown(at, path, key, known);
    }
  }

  // "last" or "before last": {next: weight}
  void row(const YAML::Node& at, const std::string& path, const std::string& key, const YAML::Node& node) {
    const std::string here = path + "." + key;
    const size_t space = key.find(' ');
    const int before = space == std::string::npos ? -1 : degree(at, key.substr(0, space), here);
    const int last = degree(at, space == std::string::npos ? key : key.substr(space + 1), here);
    std::vector<double> weights(static_cast<size_t>(degrees_), 0.0);
    reader_.each(node, here,
                 [&](const YAML::Node& to_at, const std::string& to_key, const YAML::Node& weight) {
                   weights[static_cast<size_t>(degree(to_at, to_key, here))] =
                       reader_.number(weight, here + "." + to_key, 0, 100);
                 });
    weights[static_cast<size_t>(last)] = 0.0;
    if (std::all_of(weights.begin(), weights.end(), [](double w) { return w <= 0.0; })) {
      reader_.fail(at, here + " leads nowhere, expected a weight above 0 to another degree");
    }
    table_.rows[{before, last}] = std::move(weights);
  }

  void colours(const YAML::Node& at, const std::string& path, const std::string& key,
               const YAML::Node& node) {
    const std::string here = path + "." + key;
    ColourWeights weights;
    weights.fill(1.0);
    reader_.each(node, here,
                 [&](const YAML::Node& colour_at, const std::string& name, const YAML::Node& factor) {
                   const auto found = std::find(colour_names.begin(), colour_names.end(), name);
                   if (found == colour_names.end()) reader_.unknown(colour_at, here, name, colour_names);
                   weights[static_cast<size_t>(found - colour_names.begin())] =
                       reader_.number(factor, here + "." + name, 0, 100);
                 });
    table_.colours[degree(at, key, path)] = weights;
  }

  int degree(const YAML::Node& at, const std::string& key, const std::string& where) const {
    const std::optional<double> x = parse_number(key);
    if (!x || *x != std::floor(*x) || *x < 1 || *x > degrees_) {
      reader_.fail(at, where + ": \"" + key + "\" is not " + one_degree_);
    }
    return static_cast<int>(*x) - 1;
  }

  const YamlReader& reader_;
  int degrees_;
  std::string one_degree_;
  HarmonyTable table_;
};

HarmonyTables read_modes(const std::string& file) {
  const YamlReader reader{file};
  HarmonyTables tables;
  reader.each(reader.parse(read_file(file, limits::preset_bytes, "a table of harmony")), std::string(),
              [&](const YAML::Node& at, const std::string& name, const YAML::Node& node) {
                const Mode* known = find_mode(name);
                if (!known) reader.unknown(at, "", name, mode_names());
                tables[name] = read_harmony_table(reader, node, name, *known);
              });
  for (std::string_view name : mode_names()) {
    if (!tables.contains(name))
      throw Error::at(file, 1, "no table for " + std::string(name) + ", expected one for each mode");
  }
  return tables;
}

}  // namespace

HarmonyTable read_harmony_table(const YamlReader& reader, const YAML::Node& node, const std::string& path,
                                const Mode& mode) {
  return TableReader(reader, mode).read(node, path);
}

const HarmonyTables& installed_harmony_tables() {
  static const HarmonyTables tables = [] {
    if (const auto file = find_preset_file("harmony/modes.yaml")) return read_modes(file->string());
    throw Error(Exit::environment,
                "no presets/harmony/modes.yaml beside the program; is Auralis wholly installed?");
  }();
  return tables;
}

}  // namespace auralis
