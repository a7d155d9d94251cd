// SPDX-License-Identifier: MIT
// Reading YAML with its place: every complaint names FILE:LINE, the field, and what was expected. The first ends the reading;
// where `faults` is set, they are collected there, one for each entry of a map or list, and reading goes on with the next.
#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/range.h"

namespace auralis {

struct YamlReader {
  std::string file;
  std::vector<std::string>* faults = nullptr;

  [[noreturn]] void fail(const YAML::Node& at, const std::string& message) const;
  // Names what was found, the nearest of the known and all of them.
  [[noreturn]] void unknown(const YAML::Node& at, const std::string& path, const std::string& key,
                            std::span<const std::string_view> known) const;

  // Calls it, and collects what it throws where faults are collected.
  void guard(const std::function<void()>& read) const;

  YAML::Node parse(const std::string& text) const;
  // Every entry of a map once, in the file's order; a key written twice is refused.
  void each(const YAML::Node& map, const std::string& path,
            const std::function<void(const YAML::Node& key_node, const std::string& key,
                                     const YAML::Node& value)>& visit) const;
  // Every entry of a list.
  void each_item(const YAML::Node& list, const std::string& path,
                 const std::function<void(const YAML::Node& item, const std::string& path)>& visit) const;
  double number(const YAML::Node& node, const std::string& path, double min, double max,
                std::string_view unit = {}) const;
  Range range(const YAML::Node& node, const std::string& path, double min, double max,
              std::string_view unit = {}) const;
  bool boolean(const YAML::Node& node, const std::string& path) const;
  std::string text(const YAML::Node& node, const std::string& path, size_t longest) const;
};

// A finite decimal number and nothing else.
std::optional<double> parse_number(const std::string& text);

}  // namespace auralis
