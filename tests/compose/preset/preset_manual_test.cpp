// SPDX-License-Identifier: MIT
// auralis-preset(5) lists every field and parameter from the tables that are read; this holds it to them.
// AURALIS_WRITE_MANUAL=1 build/bin/test_compose -tc="*auralis-preset*" writes the lists anew.
#include <doctest/doctest.h>

#include <cstdlib>
#include <functional>

#include "base/io.h"
#include "compose/preset/harmony_tables.h"
#include "compose/preset/preset.h"
#include "compose/preset/preset_files.h"
#include "compose/preset/preset_yaml.h"
#include "compose/preset/yaml_reader.h"
#include "model/layer.h"
#include "model/number_text.h"

using namespace auralis;

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '-' ? "\\-" : std::string(1, c);
  return out;
}

std::string entry(std::string_view name, const std::string& form, const std::string& initial,
                  std::string_view meaning) {
  return ".It Va " + std::string(name) + "\n" + escaped(meaning) + ":\n" + form + "; default " +
         escaped(initial) + ".\n";
}

std::string limits(double min, double max, std::string_view unit) {
  return escaped(number_text(min)) + " to " + escaped(number_text(max)) +
         (unit.empty() ? "" : " " + std::string(unit));
}

template <typename T>
std::string form_of(const Field<T>& field) {
  switch (field.access.index()) {
    case 0:
      return limits(field.min, field.max, field.unit);
    case 1:
      return "[a, b], each " + limits(field.min, field.max, field.unit);
    case 2:
      return "true or false";
    default:
      return "a text of " + number_text(field.min) + " to " + number_text(field.max) + " bytes";
  }
}

template <typename T>
std::string value_of(const Field<T>& field, T of) {
  if (const auto* number = std::get_if<double& (*)(T&)>(&field.access)) return number_text((*number)(of));
  if (const auto* flag = std::get_if<bool& (*)(T&)>(&field.access)) return (*flag)(of) ? "true" : "false";
  if (const auto* range = std::get_if<Range& (*)(T&)>(&field.access)) {
    const Range& r = (*range)(of);
    return "[" + number_text(r.low) + ", " + number_text(r.high) + "]";
  }
  const std::string& text = std::get<std::string& (*)(T&)>(field.access)(of);
  return text.empty() ? "none" : text;
}

std::string list(const std::string& entries) { return ".Bl -tag -width Ds\n" + entries + ".El\n"; }

std::string settings_list() {
  std::string entries;
  for (const auto& field : preset_fields()) {
    entries += entry(field.path, form_of(field), value_of(field, Preset{}), field.meaning);
  }
  return list(entries);
}

std::string layers_list() {
  std::string entries;
  for (const auto& field : layer_fields()) {
    std::string initial;
    for (std::string_view layer : layer_names()) {
      initial += (initial.empty() ? "" : ", ") + std::string(layer) + " " +
                 value_of(field, default_layer_plan(*find_layer(layer)));
    }
    const std::string common = value_of(field, default_layer_plan(Layer::pad));
    bool same = true;
    for (std::string_view layer : layer_names())
      same = same && value_of(field, default_layer_plan(*find_layer(layer))) == common;
    entries += entry(field.path, form_of(field), same ? common : initial, field.meaning);
  }
  return list(entries);
}

template <size_t Count>
std::string params_list(const std::array<ParamInfo, Count>& table) {
  std::string entries;
  for (const ParamInfo& p : table)
    entries += entry(p.name, limits(p.min, p.max, p.unit), number_text(p.initial), p.meaning);
  return list(entries);
}

std::string sources_list() {
  std::string entries;
  for (const SourceInfo& source : sources) {
    entries += ".It Cm " + escaped(source.name) + "\n" + escaped(source.meaning) + ":\n" +
               escaped(number_text(source.range.low)) + " to " + escaped(number_text(source.range.high)) +
               ".\n";
  }
  return list(entries);
}

std::string builtin_list() {
  std::string entries;
  for (std::string_view layer : layer_names()) {
    const Patch patch = builtin_patch(layer);
    std::string settings;
    for (size_t i = 0; i < voice_param_count; ++i) {
      if (patch.values[i] == default_patch().values[i]) continue;
      settings += (settings.empty() ? "" : ",\n") + std::string(voice_params[i].name) + " " +
                  escaped(number_text(short_decimal(patch.values[i])));
    }
    entries += ".It Cm " + std::string(layer) + "\n" + settings + "\n";
  }
  return list(entries);
}

std::string modes_list() {
  std::string entries;
  for (const Mode& mode : modes()) {
    std::string steps;
    for (int step : mode.steps) steps += (steps.empty() ? "" : " ") + std::to_string(step);
    entries += ".It Cm " + escaped(mode.name) + "\nsemitones " + steps + "; characteristic degree " +
               std::to_string(mode.characteristic + 1) + "\n";
  }
  return list(entries);
}

std::string installed_list() {
  std::string entries;
  for (const PresetInfo& info : list_presets())
    entries += ".It Cm " + escaped(info.name) + "\n" + escaped(info.description) + "\n";
  return list(entries);
}

}  // namespace

TEST_CASE(
    "auralis-preset(5) lists every field and parameter with its unit, range and default, as the program "
    "knows them") {
  const std::string path = std::string(AURALIS_SOURCE_DIR) + "/man/auralis-preset.5";
  std::string page = read_file(path);
  const std::pair<const char*, std::function<std::string()>> lists[] = {
      {"settings", settings_list},
      {"modes", modes_list},
      {"layers", layers_list},
      {"voice", [] { return params_list(voice_params); }},
      {"sources", sources_list},
      {"builtin", builtin_list},
      {"master", [] { return params_list(master_params); }},
      {"presets", installed_list}};
  for (const auto& [name, make] : lists) {
    const std::string opening = std::string(".\\\" list ") + name + "\n";
    const size_t begin = page.find(opening);
    const size_t end = page.find(".\\\" end\n", begin);
    CAPTURE(name);
    REQUIRE(begin != std::string::npos);
    REQUIRE(end != std::string::npos);
    const size_t from = begin + opening.size();
    const std::string wanted = make();
    if (std::getenv("AURALIS_WRITE_MANUAL")) {
      page.replace(from, end - from, wanted);
    } else {
      CHECK(page.substr(from, end - from) == wanted);
    }
  }
  if (std::getenv("AURALIS_WRITE_MANUAL")) write_file(path, page);
}
