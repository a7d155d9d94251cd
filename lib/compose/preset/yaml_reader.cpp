// SPDX-License-Identifier: MIT
#include "compose/preset/yaml_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "model/number_text.h"

namespace auralis {
namespace {

std::string found_text(const YAML::Node& node) {
  if (node.IsMap()) return "a map";
  if (node.IsSequence()) return "a list";
  if (node.IsNull()) return "empty";
  const std::string& text = node.Scalar();
  return "\"" + (text.size() > 40 ? std::string(first_bytes(text, 37)) + "..." : text) + "\"";
}

std::string expected_number(double min, double max, std::string_view unit) {
  std::string text = number_text(min) + " to " + number_text(max);
  if (!unit.empty()) text += " " + std::string(unit);
  return text;
}

}  // namespace

std::optional<double> parse_number(const std::string& text) {
  double x = 0.0;
  const char* begin = text.c_str() + (text.starts_with('+') ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.c_str() + text.size(), x);
  if (error != std::errc() || end != text.c_str() + text.size() || !std::isfinite(x)) return std::nullopt;
  return x;
}

void YamlReader::fail(const YAML::Node& at, const std::string& message) const {
  throw Error::at(file, std::max(at.Mark().line, 0) + 1, message);
}

void YamlReader::unknown(const YAML::Node& at, const std::string& path, const std::string& key,
                         std::span<const std::string_view> known) const {
  const std::string_view nearest = nearest_name(key, known);
  std::string message = path + (path.empty() ? "" : ".") + key + " is not known, ";
  message +=
      nearest.empty() ? "expected one of " + join_names(known) : "did you mean " + std::string(nearest) + "?";
  fail(at, message);
}

void YamlReader::guard(const std::function<void()>& read) const {
  if (faults == nullptr) return read();
  try {
    read();
  } catch (const Error& error) {
    faults->emplace_back(error.what());
  }
}

YAML::Node YamlReader::parse(const std::string& text) const {
  try {
    YAML::Node root = YAML::Load(text);
    if (!root.IsMap()) throw Error::at(file, 1, "not a map of settings, expected lines such as \"key: D\"");
    return root;
  } catch (const YAML::Exception& e) {
    throw Error::at(file, std::max(e.mark.line, 0) + 1, "not YAML: " + e.msg);
  }
}

void YamlReader::each(
    const YAML::Node& map, const std::string& path,
    const std::function<void(const YAML::Node&, const std::string&, const YAML::Node&)>& visit) const {
  if (!map.IsMap()) fail(map, path + " is " + found_text(map) + ", expected settings below it, indented");
  std::set<std::string> seen;
  for (const auto& entry : map) {
    guard([&] {
      if (!entry.first.IsScalar())
        fail(entry.first, path + " has a key that is " + found_text(entry.first) + ", expected a name");
      const std::string& key = entry.first.Scalar();
      if (!seen.insert(key).second)
        fail(entry.first, path + (path.empty() ? "" : ".") + key + " is set twice, expected once");
      visit(entry.first, key, entry.second);
    });
  }
}

void YamlReader::each_item(const YAML::Node& list, const std::string& path,
                           const std::function<void(const YAML::Node&, const std::string&)>& visit) const {
  if (!list.IsSequence()) fail(list, path + " is " + found_text(list) + ", expected a list");
  for (size_t i = 0; i < list.size(); ++i)
    guard([&] { visit(list[i], path + "[" + std::to_string(i) + "]"); });
}

double YamlReader::number(const YAML::Node& node, const std::string& path, double min, double max,
                          std::string_view unit) const {
  const std::optional<double> x = node.IsScalar() ? parse_number(node.Scalar()) : std::nullopt;
  if (!x || *x < min || *x > max) {
    fail(node, path + " is " + found_text(node) + ", expected " + (x ? "" : "a number, ") +
                   expected_number(min, max, unit));
  }
  return *x;
}

Range YamlReader::range(const YAML::Node& node, const std::string& path, double min, double max,
                        std::string_view unit) const {
  if (!node.IsSequence() || node.size() != 2) {
    fail(node, path + " is " + found_text(node) + ", expected [low, high], each " +
                   expected_number(min, max, unit));
  }
  const Range range{number(node[0], path, min, max, unit), number(node[1], path, min, max, unit)};
  if (range.low > range.high) {
    fail(node, path + " is [" + number_text(range.low) + ", " + number_text(range.high) +
                   "], expected the lower one first");
  }
  return range;
}

bool YamlReader::boolean(const YAML::Node& node, const std::string& path) const {
  bool value = false;
  if (!node.IsScalar() || !YAML::convert<bool>::decode(node, value)) {
    fail(node, path + " is " + found_text(node) + ", expected true or false");
  }
  return value;
}

std::string YamlReader::text(const YAML::Node& node, const std::string& path, size_t longest) const {
  const std::string text =
      node.IsScalar() ? valid_utf8(node.Scalar()) : std::string();  // JSON carries it further
  if (text.empty() || text.size() > longest) {
    fail(node, path + " is " + found_text(node) + ", expected a text of 1 to " + std::to_string(longest) +
                   " bytes");
  }
  return text;
}

}  // namespace auralis
