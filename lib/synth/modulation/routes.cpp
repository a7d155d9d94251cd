// SPDX-License-Identifier: MIT
#include "synth/modulation/routes.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "model/rng.h"
#include "synth/modulation/waves.h"
#include "synth/quantum.h"
#include "synth/simd/functions.h"

namespace auralis::modulation {
namespace {

constexpr double longest_knot_s = 0.024;
constexpr int64_t last_knots = 2;  // after which a voice is where a faded route leaves it

// Of several alike, which it is.
int ordinal_of(const Modulation& all, size_t which) {
  const Route& route = all[which];
  return static_cast<int>(
      std::count_if(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(which), [&](const Route& other) {
        return other.param == route.param && other.source == route.source && other.depth != 0.0;
      }));
}

}  // namespace

double MovingRoute::depth_at(int64_t quantum) const {
  if (quantum >= since + over) return depth;
  const double share = static_cast<double>(std::max<int64_t>(quantum - since, 0)) / static_cast<double>(over);
  return from_depth + (depth - from_depth) * share * share * (3.0 - 2.0 * share);
}

int64_t knot_quanta(int rate) {
  int64_t quanta = 1;
  while (static_cast<double>(2 * quanta * quantum_frames) <= longest_knot_s * rate) quanta *= 2;
  return quanta;
}

float moved(VoiceParam param, float value, double offset) {
  const ParamInfo& info = voice_params[static_cast<size_t>(param)];
  const auto from = static_cast<double>(value);
  const double to = info.curve == Curve::logarithmic ? from * baseline::exp2_of(offset) : from + offset;
  return static_cast<float>(std::clamp(to, info.min, info.max));
}

LayerRoutes::LayerRoutes(int rate, uint64_t seed, std::string_view layer)
    : rate_(rate), knot_quanta_(knot_quanta(rate)), key_(modulation::key_of(seed, hash_name(layer))) {}

uint64_t LayerRoutes::key_of_route(const Route& route, int ordinal) const {
  uint64_t key = key_;
  for (const std::string_view name :
       {voice_params[static_cast<size_t>(route.param)].name, info_of(route.source).name})
    key = modulation::key_of(key, hash_name(name));
  return modulation::key_of(key, static_cast<uint64_t>(ordinal));
}

MovingRoute* LayerRoutes::find(const Route& route, int ordinal) {
  const auto found = std::find_if(routes_.begin(), routes_.end(), [&](const MovingRoute& r) {
    return r.param == route.param && r.source == route.source && r.period_s == route.period_s &&
           r.own == is_own(route) && r.ordinal == ordinal;
  });
  return found == routes_.end() ? nullptr : &*found;
}

void LayerRoutes::go_to(const Modulation& wanted, int64_t quantum, int64_t over) {
  if (wanted.empty() && routes_.empty()) return;
  routes_.reserve(most_at_once);
  const auto fade = [&](MovingRoute& route, double depth) {
    if (route.depth == depth) return;
    route.from_depth = route.depth_at(quantum);
    route.depth = depth;
    route.since = quantum;
    route.over = over;
  };
  const size_t present = routes_.size();
  std::array<double, most_at_once> depths{};
  std::array<MovingRoute, limits::routes> added;
  size_t count = 0;
  for (size_t i = 0; i < std::min(wanted.size(), limits::routes); ++i) {
    const Route& route = wanted[i];
    if (route.depth == 0.0) continue;
    const int ordinal = ordinal_of(wanted, i);
    if (const MovingRoute* known = find(route, ordinal)) {
      depths[static_cast<size_t>(known - routes_.data())] = route.depth;
      continue;
    }
    added[count] = begun(route, ordinal, quantum);
    fade(added[count++], route.depth);
  }
  for (size_t i = 0; i < present; ++i) fade(routes_[i], depths[i]);
  std::erase_if(routes_, [&](const MovingRoute& route) { return over == 0 && route.depth == 0.0; });
  // Only one patch upon another within moments can be too many: those that fade have gone then.
  for (auto at = routes_.begin(); at != routes_.end() && routes_.size() + count > most_at_once;)
    at = at->depth == 0.0 ? routes_.erase(at) : at + 1;
  routes_.insert(routes_.end(), added.begin(), added.begin() + static_cast<std::ptrdiff_t>(count));
  sort();
  own_changed_ = true;
  for (const MovingRoute& route : routes_) {
    if (route.depth == 0.0) last_fade_ = std::max(last_fade_, route.since + route.over);
  }
}

MovingRoute LayerRoutes::begun(const Route& route, int ordinal, int64_t quantum) const {
  return {.param = route.param,
          .source = route.source,
          .period_s = route.period_s,
          .own = is_own(route),
          .ordinal = ordinal,
          .key = key_of_route(route, ordinal),
          .since = quantum};
}

void LayerRoutes::sort() {
  const auto order = [](const MovingRoute& route) {
    return std::tuple(route.own, route.param, route.key, route.period_s);
  };
  std::sort(routes_.begin(), routes_.end(),
            [&](const MovingRoute& a, const MovingRoute& b) { return order(a) < order(b); });
  of_layer_ = static_cast<size_t>(
      std::count_if(routes_.begin(), routes_.end(), [](const MovingRoute& route) { return !route.own; }));
}

bool LayerRoutes::own_changed(int64_t quantum) {
  if (last_fade_ >= 0 && quantum >= last_fade_ + last_knots * knot_quanta_) {
    std::erase_if(routes_, [&](const MovingRoute& route) { return route.faded(quantum); });
    sort();
    last_fade_ = -1;
    own_changed_ = true;
  }
  return std::exchange(own_changed_, false);
}

void LayerRoutes::move(Patch& patch, int64_t quantum) {
  const int64_t knot = quantum / knot_quanta_;
  const double share = static_cast<double>(quantum - knot * knot_quanta_) / static_cast<double>(knot_quanta_);
  const double knot_s = static_cast<double>(knot_quanta_ * quantum_frames) / rate_;
  for (size_t i = 0; i < of_layer_;) {
    const VoiceParam param = routes_[i].param;
    double offset = 0.0;
    for (; i < of_layer_ && routes_[i].param == param; ++i) {
      MovingRoute& route = routes_[i];
      if (route.knot != knot) {
        const auto source_at = [&](int64_t at) {
          return wave_at(route.source, route.key, static_cast<double>(at) * knot_s, route.period_s);
        };
        route.before = route.knot + 1 == knot && route.knot >= 0 ? route.after : source_at(knot);
        route.after = source_at(knot + 1);
        route.knot = knot;
      }
      offset += route.depth_at(quantum) * (route.before + (route.after - route.before) * share);
    }
    patch[param] = moved(param, patch[param], offset);
  }
}

}  // namespace auralis::modulation
