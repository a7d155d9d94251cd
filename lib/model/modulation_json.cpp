// SPDX-License-Identifier: MIT
#include "model/modulation_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "model/limits.h"
#include "model/number_text.h"

namespace auralis {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr size_t longest_shown = 40;

[[noreturn]] void wrong(const std::string& field, const std::string& what) {
  throw Error(Exit::bad_input, field + " " + what);
}

std::string shown(const json& value) {
  return value.dump(-1, ' ', true, json::error_handler_t::replace).substr(0, longest_shown);
}

class RouteReader {
 public:
  RouteReader(const json& route, std::string path, RoutesOf of)
      : json_(route), path_(std::move(path)), of_(of) {}

  // Nothing where it is of a later version.
  std::optional<Route> read() const {
    if (!json_.is_object()) wrong(path_, "is " + shown(json_) + ", expected {param, source, depth}");
    if (of_ == RoutesOf::preset) check_fields();
    Route route;
    const std::string param = text("param");
    const std::string source = text("source");
    const auto found_param = find_voice_param(param);
    const auto found_source = find_source(source);
    if (!found_param && of_ == RoutesOf::preset) unknown("param", param, voice_param_names());
    if (!found_source && of_ == RoutesOf::preset) unknown("source", source, source_names());
    if (!found_param || !found_source) return std::nullopt;
    route.param = *found_param;
    route.source = *found_source;
    const double greatest = greatest_depth(route.param);
    route.depth = number("depth", {-greatest, greatest}, std::nullopt, depth_unit(route.param));
    route.period_s = number("period_s", Route::periods_s, initial_period_s(route.source), "seconds");
    route.own = flag("own");
    if (is_arc(route) && of_ == RoutesOf::stream)
      wrong(field("source"), "is \"" + source + "\", expected no arc: those are changes of the composer's");
    if (const auto fault = route_fault(route)) wrong(field(fault->field), "is wrong: " + fault->message);
    return settled(route);
  }

 private:
  std::string field(std::string_view name) const { return path_ + "." + std::string(name); }

  void check_fields() const {
    for (const auto& [name, value] : json_.items()) {
      if (std::find(route_fields.begin(), route_fields.end(), name) == route_fields.end())
        unknown_field(name);
    }
  }

  [[noreturn]] void unknown_field(const std::string& name) const {
    wrong(field(name), "is not known, expected " + expected_name(name, route_fields));
  }

  [[noreturn]] void unknown(std::string_view name, const std::string& value,
                            std::span<const std::string_view> known) const {
    wrong(field(name),
          "is \"" + value.substr(0, longest_shown) + "\", expected " + expected_name(value, known));
  }

  const json& need(const char* name) const {
    const auto found = json_.find(name);
    if (found == json_.end()) wrong(path_, std::string("has no ") + name + ", which a route needs");
    return *found;
  }

  std::string text(const char* name) const {
    const json& value = need(name);
    if (!value.is_string()) wrong(field(name), "is " + shown(value) + ", expected a name");
    return value.get<std::string>();
  }

  double number(const char* name, const Range& range, std::optional<double> initial,
                std::string_view unit) const {
    if (initial && !json_.contains(name)) return *initial;
    const json& value = need(name);
    if (!value.is_number() || !range.holds(value.get<double>())) {
      wrong(field(name), "is " + shown(value) + ", expected " + number_text(range.low) + " to " +
                             number_text(range.high) + (unit.empty() ? "" : " " + std::string(unit)));
    }
    return value.get<double>();
  }

  bool flag(const char* name) const {
    const auto found = json_.find(name);
    if (found == json_.end()) return false;
    if (!found->is_boolean()) wrong(field(name), "is " + shown(*found) + ", expected true or false");
    return found->get<bool>();
  }

  const json& json_;
  std::string path_;
  RoutesOf of_;
};

}  // namespace

ordered_json modulation_json(const Modulation& modulation) {
  ordered_json out = ordered_json::array();
  for (const Route& route : modulation) {
    ordered_json fields{{"param", voice_params[static_cast<size_t>(route.param)].name},
                        {"source", info_of(route.source).name},
                        {"depth", route.depth}};
    if (route.period_s > 0.0) fields["period_s"] = route.period_s;
    if (route.own) fields["own"] = true;
    out.push_back(std::move(fields));
  }
  return out;
}

std::string too_many_routes(size_t count) {
  return "has " + std::to_string(count) + " routes, expected at most " + std::to_string(limits::routes);
}

Modulation modulation_from_json(const json& routes, const std::string& path, RoutesOf of) {
  if (!routes.is_array()) wrong(path, "is " + shown(routes) + ", expected a list of routes");
  if (routes.size() > limits::routes) wrong(path, too_many_routes(routes.size()));
  Modulation modulation;
  for (size_t i = 0; i < routes.size(); ++i) {
    const RouteReader reader(routes[i], path + "[" + std::to_string(i) + "]", of);
    if (const std::optional<Route> route = reader.read()) modulation.push_back(*route);
  }
  return modulation;
}

}  // namespace auralis
