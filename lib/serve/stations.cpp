// SPDX-License-Identifier: MIT
#include "serve/stations.h"

#include <algorithm>
#include <utility>

namespace auralis {
namespace {

constexpr std::string_view prefix = "/s/";

}  // namespace

Station& Stations::add(std::unique_ptr<Station> station) {
  all_.push_back(std::move(station));
  return *all_.back();
}

Stations::Place Stations::place_of(std::string_view path) const {
  if (!path.starts_with(prefix)) return {all_.front().get(), path};
  const std::string_view behind = path.substr(prefix.size());
  const size_t end = std::min(behind.find('/'), behind.size());
  const auto found =
      std::find_if(all_.begin(), all_.end(),
                   [name = behind.substr(0, end)](const auto& station) { return station->name() == name; });
  if (found == all_.end()) return {nullptr, path};
  return {found->get(), behind.substr(end)};
}

}  // namespace auralis
