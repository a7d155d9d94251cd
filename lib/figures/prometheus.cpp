// SPDX-License-Identifier: MIT
#include "figures/prometheus.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "figures/known.h"

namespace auralis {
namespace {

using nlohmann::json;

// A JSON name in the contract's units → a Prometheus name and the factor to base units.
struct BaseUnit {
  std::string name;
  double factor;
};

BaseUnit base_unit(const std::string& name) {
  const auto swap = [&](std::string_view from, const char* to) {
    return "auralis_" + name.substr(0, name.size() - from.size()) + to;
  };
  if (name.ends_with("_ms")) return {swap("_ms", "_seconds"), 1e-3};
  if (name.ends_with("_s")) return {swap("_s", "_seconds"), 1.0};
  if (name.ends_with("_mb")) return {swap("_mb", "_bytes"), 1e6};
  if (name.ends_with("_percent")) return {swap("_percent", "_ratio"), 1e-2};
  return {"auralis_" + name, 1.0};
}

prometheus::MetricFamily family_of(const std::string& name, const json& value) {
  const auto [unit_name, factor] = base_unit(name);
  const FigureInfo* known = find_figure(name);
  prometheus::MetricFamily family{
      unit_name, known != nullptr ? std::string(known->meaning) : name, prometheus::MetricType::Gauge, {}};
  prometheus::ClientMetric metric;
  if (value.is_number() && name.ends_with("_total")) {
    family.type = prometheus::MetricType::Counter;
    metric.counter.value = value.get<double>() * factor;
    family.metric.push_back(metric);
  } else if (value.is_number()) {
    metric.gauge.value = value.get<double>() * factor;
    family.metric.push_back(metric);
  } else if (value.is_object()) {
    // Gauges labelled by statistic: a summary would owe a count and a sum over all time, which are not kept.
    for (const auto& [member, part] : value.items()) {
      if (!part.is_number()) continue;
      metric.label = {{"stat", member}};
      metric.gauge.value = part.get<double>() * factor;
      family.metric.push_back(metric);
    }
  }
  return family;
}

}  // namespace

std::string prometheus_text(const json& figures) {
  std::vector<prometheus::MetricFamily> families;
  prometheus::ClientMetric info;
  info.gauge.value = 1.0;
  for (const auto& [name, value] : figures.items()) {
    if (value.is_string()) {
      info.label.push_back({name, value.get<std::string>()});
    } else if (auto family = family_of(name, value); !family.metric.empty()) {
      families.push_back(std::move(family));
    }
  }
  if (!info.label.empty()) {
    families.push_back({"auralis_info", "version and device", prometheus::MetricType::Gauge, {info}});
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace auralis
