// SPDX-License-Identifier: MIT
#include "figures/figures_line.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace auralis {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> first_of_all{"buffer_depth_ms", "synthesis_latency_ms", "clients"};
// Of a latency or of a piece's state; the others are for those who read the figures themselves.
constexpr std::array<std::string_view, 6> members_told{"p50", "p99", "min", "preset", "chord", "seed"};
constexpr std::string_view not_told = "version";

struct Unit {
  std::string_view suffix;
  std::string_view written;
};
constexpr std::array<Unit, 4> units{{{"_ms", "ms"}, {"_s", "s"}, {"_mb", "MB"}, {"_percent", "%"}}};

// Three digits, more where it is a whole number of them: 0.412, 41.2, 412, 41234.
std::string shown(double x) {
  const double size = std::abs(x);
  const int decimals = size >= 100.0 || x == std::floor(x) ? 0 : size >= 10.0 ? 1 : size >= 1.0 ? 2 : 3;
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, x);
  std::string out = text.data();
  if (decimals > 0) out.erase(out.find_last_not_of('0') + 1);
  if (out.ends_with('.')) out.pop_back();
  return out;
}

std::string shown_bytes(double bytes) {
  if (bytes < 1e3) return shown(bytes) + "B";
  if (bytes < 1e6) return shown(bytes / 1e3) + "kB";
  return bytes < 1e9 ? shown(bytes / 1e6) + "MB" : shown(bytes / 1e9) + "GB";
}

class Line {
 public:
  void add(const std::string& name, const json& value) {
    if (value.is_number()) return add_number(name, value.get<double>());
    if (value.is_string() && name != not_told) return put(name, value.get<std::string>());
    if (!value.is_object()) return;
    for (const auto& [member, part] : value.items()) {
      if (std::ranges::find(members_told, member) == members_told.end()) continue;
      if (part.is_number()) {
        add_number(name, part.get<double>(), "_" + member);
      } else if (part.is_string() && !part.get<std::string>().empty()) {
        put(member, part.get<std::string>());
      }
    }
  }
  std::string text() && { return std::move(text_); }

 private:
  void add_number(std::string_view name, double x, const std::string& member = {}) {
    if (x == 0.0 && name.ends_with("_total")) return;
    if (name.starts_with("bytes_")) return put(std::string(name) + member, shown_bytes(x));
    for (const Unit& unit : units) {
      if (!name.ends_with(unit.suffix)) continue;
      name.remove_suffix(unit.suffix.size());
      return put(std::string(name) + member, shown(x) + std::string(unit.written));
    }
    put(std::string(name) + member, shown(x));
  }
  void put(const std::string& name, const std::string& value) {
    text_ += (text_.empty() ? "" : " ") + name + "=" + value;
  }

  std::string text_;
};

}  // namespace

std::string figures_line(const json& figures) {
  Line line;
  for (const std::string_view name : first_of_all) {
    if (const auto found = figures.find(name); found != figures.end()) line.add(std::string(name), *found);
  }
  for (const auto& [name, value] : figures.items()) {
    if (std::ranges::find(first_of_all, name) == first_of_all.end()) line.add(name, value);
  }
  return std::move(line).text();
}

}  // namespace auralis
