// SPDX-License-Identifier: MIT
#include "model/tuning_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "model/json_text.h"
#include "model/layer.h"
#include "model/number_text.h"

namespace auralis {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr size_t most_numbers = 16384;  // of a list
constexpr double greatest = 1e6;        // of any number of a tuning

[[noreturn]] void wrong(const std::string& path, const json& value, const std::string& expected) {
  throw Error(Exit::bad_input, path + " is " + short_text(value) + ", expected " + expected);
}

double number(const json& value, const std::string& path, double least, double most) {
  if (!value.is_number() || !(value.get<double>() >= least && value.get<double>() <= most))
    wrong(path, value, "a number from " + number_text(least) + " to " + number_text(most));
  return value.get<double>();
}

const json& list(const json& object, const char* name, const std::string& path) {
  static const json none = json::array();
  const auto found = object.find(name);
  if (found == object.end()) return none;
  if (!found->is_array() || found->size() > most_numbers)
    wrong(path + "." + name, *found, "a list of at most " + std::to_string(most_numbers) + " numbers");
  return *found;
}

KeyMap keys_from_json(const json& object, const std::string& path) {
  if (!object.is_object()) wrong(path, object, "an object");
  KeyMap map;
  const auto read = [&](const char* name, int& into, double least, double most) {
    if (object.contains(name))
      into = static_cast<int>(std::lround(number(object.at(name), path + "." + name, least, most)));
  };
  for (const auto& [name, into] :
       {std::pair("first", &map.first), std::pair("last", &map.last), std::pair("middle", &map.middle),
        std::pair("reference_key", &map.reference_key)})
    read(name, *into, 0, key_count - 1);
  read("octave_degree", map.octave_degree, -greatest, greatest);
  if (object.contains("reference_hz"))
    map.reference_hz = number(object.at("reference_hz"), path + ".reference_hz", 1e-3, greatest);
  for (const json& degree : list(object, "degrees", path)) {
    std::optional<int>& into = map.degrees.emplace_back();
    if (!degree.is_null())
      into = static_cast<int>(std::lround(number(degree, path + ".degrees", -greatest, greatest)));
  }
  return map;
}

}  // namespace

ordered_json tuning_json(const Tuning& tuning) {
  ordered_json out{{"name", tuning.name}, {"cents", tuning.cents}};
  if (!tuning.keys) return out;
  const KeyMap& map = *tuning.keys;
  ordered_json degrees = ordered_json::array();
  for (const std::optional<int>& degree : map.degrees)
    degrees.push_back(degree ? ordered_json(*degree) : ordered_json(nullptr));
  out["keys"] = {{"first", map.first},
                 {"last", map.last},
                 {"middle", map.middle},
                 {"reference_key", map.reference_key},
                 {"reference_hz", map.reference_hz},
                 {"octave_degree", map.octave_degree},
                 {"degrees", degrees}};
  return out;
}

Tuning tuning_from_json(const json& object, const std::string& path) {
  if (!object.is_object()) wrong(path, object, "an object with name and cents");
  Tuning tuning;
  const auto name = object.find("name");
  if (name == object.end() || !name->is_string() || !is_layer_name(name->get_ref<const std::string&>()))
    wrong(path + ".name", name == object.end() ? json() : *name, "1 to 32 of a-z 0-9 _ -");
  tuning.name = name->get<std::string>();
  for (const json& cents : list(object, "cents", path))
    tuning.cents.push_back(number(cents, path + ".cents", -greatest, greatest));
  if (const auto keys = object.find("keys"); keys != object.end())
    tuning.keys = keys_from_json(*keys, path + ".keys");
  return tuning;
}

}  // namespace auralis
