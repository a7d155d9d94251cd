// SPDX-License-Identifier: MIT
#include "serve/status_line.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace auralis {
namespace {

using nlohmann::json;

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string listeners_of(const json& figures) {
  const auto found = figures.find("clients");
  if (found == figures.end() || !found->is_number()) return {};
  const auto count = found->get<int64_t>();
  return count == 0 ? "no listener" : std::to_string(count) + (count == 1 ? " listener" : " listeners");
}

std::string cpu_of(const json& figures) {
  const auto found = figures.find("cpu_percent");
  if (found == figures.end() || !found->is_number()) return {};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %% CPU", found->get<double>());
  return text.data();
}

}  // namespace

std::string status_line(const json& status, double position_s, const json& figures) {
  return join_known({text_of(status, "preset"), text_of(status, "chord"), minutes_and_seconds(position_s),
                     listeners_of(figures), cpu_of(figures)},
                    " · ");
}

}  // namespace auralis
