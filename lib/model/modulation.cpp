// SPDX-License-Identifier: MIT
#include "model/modulation.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "model/maths.h"

namespace auralis {

std::optional<Source> find_source(std::string_view name) {
  const auto found =
      std::find_if(sources.begin(), sources.end(), [&](const auto& s) { return s.name == name; });
  if (found == sources.end()) return std::nullopt;
  return static_cast<Source>(found - sources.begin());
}

std::span<const std::string_view> source_names() {
  static constexpr auto all = [] {
    std::array<std::string_view, source_count> names;
    std::transform(sources.begin(), sources.end(), names.begin(), [](const SourceInfo& s) { return s.name; });
    return names;
  }();
  return all;
}

double greatest_depth(VoiceParam param) {
  const ParamInfo& info = voice_params[static_cast<size_t>(param)];
  return info.curve == Curve::logarithmic ? std::ceil(maths::log2(info.max / info.min)) : info.max - info.min;
}

std::string_view depth_unit(VoiceParam param) {
  const ParamInfo& info = voice_params[static_cast<size_t>(param)];
  return info.curve == Curve::logarithmic ? "octaves" : info.unit;
}

std::optional<RouteFault> route_fault(const Route& route) {
  const std::string param(voice_params[static_cast<size_t>(route.param)].name);
  const std::string source(info_of(route.source).name);
  if (route.param == VoiceParam::trim_db)
    return RouteFault{"param", param + " is a listener's fader, expected gain_db or another parameter"};
  if (belongs_to_layer(route.param) && is_own(route)) {
    return RouteFault{route.own ? "own" : "source",
                      param + " is the whole layer's, expected " +
                          (route.own ? "own: false" : "a source other than " + source)};
  }
  if (taken_at_onset(route.param) && (route.source == Source::amp_env || route.source == Source::mod_env))
    return RouteFault{"source",
                      param + " is taken at a note's onset, expected a source other than " + source};
  return std::nullopt;
}

Modulation without_arcs(const Modulation& modulation) {
  Modulation rest;
  std::remove_copy_if(modulation.begin(), modulation.end(), std::back_inserter(rest), is_arc);
  return rest;
}

Route settled(Route route) {
  if (!has_period(route.source)) route.period_s = 0.0;
  if (info_of(route.source).kind != SourceKind::wave) route.own = false;
  return route;
}

}  // namespace auralis
