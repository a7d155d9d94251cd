// SPDX-License-Identifier: MIT
#include "core/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/summary.h>
#include <prometheus/text_serializer.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <deque>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/error.h"
#include "core/io.h"
#include "core/log.h"

namespace auralis {
namespace {

using nlohmann::json;

double clock_s(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double resident_mb() {
  std::ifstream statm("/proc/self/statm");
  long total = 0;
  long resident = 0;
  statm >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

bool ends_with(const std::string& text, std::string_view suffix) {
  return text.size() >= suffix.size() &&
         text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

// A JSON name in the contract's units → a Prometheus name and the factor to base units.
struct BaseUnit {
  std::string name;
  double factor;
};

BaseUnit base_unit(const std::string& name) {
  const auto swap = [&](std::string_view from, const char* to) {
    return "auralis_" + name.substr(0, name.size() - from.size()) + to;
  };
  if (ends_with(name, "_ms")) return {swap("_ms", "_seconds"), 1e-3};
  if (ends_with(name, "_s")) return {swap("_s", "_seconds"), 1.0};
  if (ends_with(name, "_mb")) return {swap("_mb", "_bytes"), 1e6};
  if (ends_with(name, "_percent")) return {swap("_percent", "_ratio"), 1e-2};
  return {"auralis_" + name, 1.0};
}

}  // namespace

constexpr double window_s = 60.0;

// The library's last quantile is off by a rank, so the largest is kept beside it: of equal or larger ones that came
// later only those are remembered, oldest and largest first.
struct Latency::Impl {
  prometheus::Summary summary{
      {{0.5, 0.01}, {0.95, 0.005}, {0.99, 0.001}}, std::chrono::seconds(static_cast<int>(window_s)), 6};
  std::mutex mutex;
  std::deque<std::pair<double, double>> largest;  // when, ms
};

Latency::Latency() : impl_(std::make_unique<Impl>()) {}
Latency::~Latency() = default;

void Latency::observe(double ms) {
  impl_->summary.Observe(ms);
  const std::lock_guard lock(impl_->mutex);
  const double now = clock_s(CLOCK_MONOTONIC);
  auto& largest = impl_->largest;
  while (!largest.empty() && largest.back().second <= ms) largest.pop_back();
  largest.emplace_back(now, ms);
  while (now - largest.front().first > window_s) largest.pop_front();
}

json Latency::figures() const {
  const auto shown = [](double ms) {
    return std::isfinite(ms) ? json(std::round(ms * 1e4) / 1e4) : json(nullptr);
  };
  json out{{"p50", nullptr}, {"p95", nullptr}, {"p99", nullptr}, {"max", nullptr}};
  for (const auto& quantile : impl_->summary.Collect().summary.quantile) {
    out["p" + std::to_string(std::lround(quantile.quantile * 100))] = shown(quantile.value);
  }
  const std::lock_guard lock(impl_->mutex);
  const double since = clock_s(CLOCK_MONOTONIC) - window_s;
  for (const auto& [when, ms] : impl_->largest) {
    if (when < since) continue;
    out["max"] = shown(ms);
    break;
  }
  return out;
}

ProcessFigures::ProcessFigures()
    : started_s_(clock_s(CLOCK_MONOTONIC)),
      last_wall_s_(started_s_),
      last_cpu_s_(clock_s(CLOCK_PROCESS_CPUTIME_ID)) {}

json ProcessFigures::figures() {
  const double wall = clock_s(CLOCK_MONOTONIC);
  const double cpu = clock_s(CLOCK_PROCESS_CPUTIME_ID);
  const double share = wall > last_wall_s_ ? 100.0 * (cpu - last_cpu_s_) / (wall - last_wall_s_) : 0.0;
  last_wall_s_ = wall;
  last_cpu_s_ = cpu;
  return {{"memory_mb", std::round(resident_mb() * 10) / 10},
          {"cpu_percent", std::round(share * 10) / 10},
          {"uptime_s", std::round((wall - started_s_) * 10) / 10},
          {"version", AURALIS_VERSION}};
}

FigureReporter::FigureReporter(const std::filesystem::path& session_folder, const std::string& name,
                               std::function<json()> collect)
    : file_(session_folder / (name + ".metrics.json")),
      collect_(std::move(collect)),
      thread_([this](std::stop_token stop) { run(stop); }) {}

FigureReporter::~FigureReporter() {
  thread_.request_stop();
  thread_.join();
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

void FigureReporter::run(std::stop_token stop) {
  bool warned = false;
  for (long second = 0; !stop.stop_requested(); ++second) {
    const json figures = collect_();
    try {
      write_file(file_, figures.dump() + "\n");
    } catch (const Error& error) {
      if (!std::exchange(warned, true)) log_warning(std::string("figures are not written: ") + error.what());
    }
    if (second % 10 == 9) log_info(figures_line(figures));
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
  }
}

std::string figures_line(const json& figures) {
  std::string line;
  for (const auto& [name, value] : figures.items()) {
    if (value.is_object()) {
      for (const auto& [member, part] : value.items()) {
        line += (line.empty() ? "" : " ") + name + "." + member + "=" + part.dump();
      }
    } else {
      line += (line.empty() ? "" : " ") + name + "=" +
              (value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
  return line;
}

std::string prometheus_text(const json& figures) {
  std::vector<prometheus::MetricFamily> families;
  std::vector<prometheus::ClientMetric::Label> info;
  for (const auto& [name, value] : figures.items()) {
    const BaseUnit unit = base_unit(name);
    prometheus::ClientMetric metric;
    prometheus::MetricFamily family{unit.name, name, prometheus::MetricType::Gauge, {}};
    if (value.is_string()) {
      info.push_back({name, value.get<std::string>()});
      continue;
    }
    if (value.is_number()) {
      if (ends_with(name, "_total")) {
        family.type = prometheus::MetricType::Counter;
        metric.counter.value = value.get<double>() * unit.factor;
      } else {
        metric.gauge.value = value.get<double>() * unit.factor;
      }
      family.metric.push_back(metric);
    } else if (value.is_object()) {
      // Gauges labelled by statistic: a summary would owe a count and a sum over all time, which are not
      // kept.
      for (const auto& [member, part] : value.items()) {
        if (!part.is_number()) continue;
        metric.label = {{"stat", member}};
        metric.gauge.value = part.get<double>() * unit.factor;
        family.metric.push_back(metric);
      }
    }
    if (!family.metric.empty()) families.push_back(std::move(family));
  }
  if (!info.empty()) {
    prometheus::MetricFamily family{"auralis_info", "version and device", prometheus::MetricType::Gauge, {}};
    prometheus::ClientMetric metric;
    metric.label = info;
    metric.gauge.value = 1.0;
    family.metric.push_back(metric);
    families.push_back(std::move(family));
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace auralis
