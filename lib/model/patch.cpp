// SPDX-License-Identifier: MIT
#include "model/patch.h"

#include <algorithm>
#include <utility>

namespace auralis {
namespace {

template <typename Set, size_t Count>
Set defaults(const std::array<ParamInfo, Count>& table) {
  Set set{};
  std::transform(table.begin(), table.end(), set.values.begin(),
                 [](const ParamInfo& p) { return static_cast<float>(p.initial); });
  return set;
}

template <typename Param, size_t Count>
std::optional<Param> find(const std::array<ParamInfo, Count>& table, std::string_view name) {
  for (size_t i = 0; i < Count; ++i) {
    if (table[i].name == name) return static_cast<Param>(i);
  }
  return std::nullopt;
}

template <size_t Count>
std::array<std::string_view, Count> names(const std::array<ParamInfo, Count>& table) {
  std::array<std::string_view, Count> all;
  std::transform(table.begin(), table.end(), all.begin(), [](const ParamInfo& p) { return p.name; });
  return all;
}

}  // namespace

Patch default_patch() { return defaults<Patch>(voice_params); }

MasterPatch default_master_patch() { return defaults<MasterPatch>(master_params); }

std::optional<VoiceParam> find_voice_param(std::string_view name) {
  return find<VoiceParam>(voice_params, name);
}

std::optional<MasterParam> find_master_param(std::string_view name) {
  return find<MasterParam>(master_params, name);
}

std::span<const std::string_view> voice_param_names() {
  static const auto all = names(voice_params);
  return all;
}

std::span<const std::string_view> master_param_names() {
  static const auto all = names(master_params);
  return all;
}

}  // namespace auralis
