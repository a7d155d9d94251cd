// SPDX-License-Identifier: MIT
// The figures of a session, all three commands together, by their names in JSON. Each is always there, as null where
// no command that runs knows it.
#pragma once

#include <span>
#include <string_view>

namespace auralis {

struct FigureInfo {
  std::string_view name;
  std::string_view meaning;
};
std::span<const FigureInfo> known_figures();
const FigureInfo* find_figure(std::string_view name);  // nullptr where it is not among them

}  // namespace auralis
