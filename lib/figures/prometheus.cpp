// SPDX-License-Identifier: MIT
#include "figures/prometheus.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "figures/known.h"
#include "figures/latency.h"

namespace auralis {
namespace {

using nlohmann::json;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

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

// Figures that are told otherwise than by their own name.
struct Renamed {
  std::string_view figure;
  std::string_view member;  // of an object
  const char* name;
  const char* meaning;
};
constexpr std::array<Renamed, 4> gauges_of_members{
    {{"client_buffer_ms", "p50", "client_buffer_median_ms",
      "sound held by the median listener that reports it"},
     {"client_buffer_ms", "min", "client_buffer_least_ms", "sound held by the listener that has least"},
     {"state", "bpm", "tempo_bpm", "beats a minute"},
     {"state", "intensity", "intensity_ratio", "how much happens, 0 to 1"}}};
constexpr std::array<std::string_view, 1> other_counters{"voices_stolen"};
constexpr const char* state_name = "state";
// Others change with every bar, or are numbers.
constexpr std::array<std::string_view, 4> words_of_piece{"preset", "key", "mode", "seed"};
constexpr const char* stages_name = "render_stage_s_total";

std::string meaning_of(const std::string& name) {
  const FigureInfo* known = find_figure(name);
  return known != nullptr ? std::string(known->meaning) : name;
}

MetricFamily number_family(const std::string& name, const std::string& meaning, double x) {
  const bool counts_up =
      name.ends_with("_total") || std::ranges::find(other_counters, name) != other_counters.end();
  auto [unit_name, factor] = base_unit(name);
  if (counts_up && !unit_name.ends_with("_total")) unit_name += "_total";
  MetricFamily family{unit_name, meaning, counts_up ? MetricType::Counter : MetricType::Gauge, {}};
  ClientMetric& metric = family.metric.emplace_back();
  (counts_up ? metric.counter.value : metric.gauge.value) = x * factor;
  return family;
}

// The seconds that each stage of rendering took.
MetricFamily stages_family(const json& stages) {
  MetricFamily family{"auralis_render_stage_seconds_total", meaning_of(stages_name), MetricType::Counter, {}};
  for (const auto& [stage, seconds] : stages.items()) {
    if (!seconds.is_number()) continue;
    ClientMetric& metric = family.metric.emplace_back();
    metric.label = {{"stage", stage}};
    metric.counter.value = seconds.get<double>();
  }
  return family;
}

// Of each place that the sound is carried to, by its name.
struct SinkFigure {
  const char* member;
  const char* name;
  const char* meaning;
  MetricType type;
};
constexpr const char* sinks_name = "sinks";
constexpr std::array<SinkFigure, 3> sink_figures{
    {{"up", "auralis_sink_up", "1 while the sound arrives there", MetricType::Gauge},
     {"lost_s_total", "auralis_sink_lost_seconds_total", "sound that did not arrive there",
      MetricType::Counter},
     {"failures_total", "auralis_sink_failures_total", "times it failed and was opened again",
      MetricType::Counter}}};

MetricFamily sinks_family(const SinkFigure& figure, const json& sinks) {
  MetricFamily family{figure.name, figure.meaning, figure.type, {}};
  for (const auto& [sink, figures] : sinks.items()) {
    const json value = figures.is_object() ? figures.value(figure.member, json()) : json();
    if (!value.is_number()) continue;
    ClientMetric& metric = family.metric.emplace_back();
    metric.label = {{"sink", sink}};
    (figure.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value.get<double>();
  }
  return family;
}

MetricFamily words_family(const char* name, const char* meaning,
                          const std::vector<ClientMetric::Label>& labels) {
  MetricFamily family{name, meaning, MetricType::Gauge, {}};
  if (labels.empty()) return family;
  ClientMetric& metric = family.metric.emplace_back();
  metric.label = labels;
  metric.gauge.value = 1.0;
  return family;
}

// One that is broken is left out: the file may be anybody's.
MetricFamily histogram_family(const std::string& name, const json& histogram) {
  MetricFamily family{base_unit(name).name, meaning_of(name), MetricType::Histogram, {}};
  const json counts = histogram.is_object() ? histogram.value("counts", json()) : json();
  const bool is_whole =
      counts.is_array() && counts.size() == latency_bounds_ms.size() + 1 &&
      std::ranges::all_of(counts, [](const json& count) { return count.is_number_unsigned(); }) &&
      histogram.value("sum_ms", json()).is_number();
  if (!is_whole) return family;
  prometheus::ClientMetric::Histogram& out = family.metric.emplace_back().histogram;
  for (size_t i = 0; i < counts.size(); ++i) {
    out.sample_count += counts[i].get<uint64_t>();
    const double bound_s =
        i < latency_bounds_ms.size() ? latency_bounds_ms[i] * 1e-3 : std::numeric_limits<double>::infinity();
    out.bucket.push_back({out.sample_count, bound_s});
  }
  out.sample_sum = histogram["sum_ms"].get<double>() * 1e-3;
  return family;
}

class Families {
 public:
  // Whose figures follow.
  void begin_station(const std::string& name) { station_ = name; }
  void end_station() { add(words_family("auralis_info", "version and device", std::exchange(info_, {}))); }
  // A family stands once in the text, with the metrics of all stations.
  void add(MetricFamily family) {
    if (family.metric.empty()) return;
    for (ClientMetric& metric : family.metric)
      if (!station_.empty()) metric.label.push_back({"station", station_});
    const auto [known, is_new] = places_.emplace(family.name, all_.size());
    if (is_new) return all_.push_back(std::move(family));
    std::ranges::move(family.metric, std::back_inserter(all_[known->second].metric));
  }
  void add_figure(const std::string& name, const json& value) {
    if (value.is_string()) {
      info_.push_back({name, value.get<std::string>()});
    } else if (value.is_number()) {
      add(number_family(name, meaning_of(name), value.get<double>()));
    } else if (value.is_object()) {
      add_members(name, value);
    }
  }
  std::string text() const { return prometheus::TextSerializer().Serialize(all_); }

 private:
  void add_members(const std::string& name, const json& value) {
    if (name == stages_name) return add(stages_family(value));
    if (name == sinks_name)
      for (const SinkFigure& figure : sink_figures) add(sinks_family(figure, value));
    for (const Renamed& renamed : gauges_of_members) {
      const auto member = value.find(renamed.member);
      if (renamed.figure == name && member != value.end() && member->is_number())
        add(number_family(renamed.name, renamed.meaning, member->get<double>()));
    }
    if (name != state_name) return;
    std::vector<ClientMetric::Label> words;
    for (const std::string_view word : words_of_piece) {
      const auto member = value.find(word);
      if (member != value.end() && member->is_string())
        words.push_back({std::string(word), member->get<std::string>()});
    }
    add(words_family("auralis_piece_info", "what is played", words));
  }

  std::string station_;
  std::vector<MetricFamily> all_;
  std::map<std::string, size_t> places_;  // by name
  std::vector<ClientMetric::Label> info_;
};

}  // namespace

std::string prometheus_text(const json& figures, const json& histograms) {
  const StationText alone{"", figures, histograms};
  return prometheus_text({&alone, 1});
}

std::string prometheus_text(std::span<const StationText> stations) {
  Families families;
  for (const StationText& station : stations) {
    families.begin_station(station.station);
    for (const auto& [name, value] : station.figures.items()) families.add_figure(name, value);
    for (const auto& [name, histogram] : station.histograms.items())
      families.add(histogram_family(name, histogram));
    families.end_station();
  }
  return families.text();
}

}  // namespace auralis
