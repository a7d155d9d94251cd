// SPDX-License-Identifier: MIT
#include "figures/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"

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

constexpr FigureInfo figures_known[] = {
    {"synthesis_latency_ms", "to render a block of sound, over the last minute"},
    {"realtime_factor", "seconds of sound made in a second of rendering"},
    {"voices", "sounding now"},
    {"voices_stolen", "ended early since all were in use, since the start"},
    {"events_total", "events composed"},
    {"late_events_total", "events that came after their time had been rendered"},
    {"pacer_slips_total", "times the composer was held up and shifted its clock"},
    {"buffer_depth_ms", "sound that is read and not sent yet"},
    {"underruns_total", "times the input stalled and silence was sent"},
    {"clients", "listeners now"},
    {"clients_total", "listeners since the start"},
    {"chunks_sent_total", "chunks sent, counted for each listener"},
    {"chunks_dropped_total", "chunks that slow listeners lost"},
    {"send_lateness_ms", "from when a chunk was due until it was handed to the kernel, over the last minute"},
    {"control_latency_ms",
     "from a control's arrival until the first frame it changed leaves for the listeners, over the last "
     "minute"},
    {"end_to_end_latency_ms",
     "from the composing of a moment until its frame leaves for the listeners, over the last minute"},
    {"client_buffer_ms", "sound held by listeners that tell"},
    {"client_underruns_total", "interruptions at listeners that tell"},
    {"bytes_sent_total", "bytes of sound sent"},
    {"encode_ms", "to encode a chunk, over the last minute"},
    {"memory_mb", "resident, all commands together"},
    {"cpu_percent", "of one core, all commands together"},
    {"uptime_s", "since the server began, or else the longest-lived command"},
    {"device", "on which the sound is made"},
    {"version", "of the server, or else the longest-lived command"},
};

}  // namespace

std::span<const FigureInfo> known_figures() { return figures_known; }

constexpr double window_s = 60.0;

// A histogram whose buckets are a 64th of an octave wide, so that a quantile is right to 1 %, in six slices of the
// window. Counting is an increment: a server observes as many latencies as it sends chunks.
struct Latency::Impl {
  static constexpr double unit_ms = 1e-4;
  static constexpr int linear_bits = 7;  // below 2^7 units a bucket is one unit
  static constexpr int most_bits = 40;   // 30 hours
  static constexpr size_t buckets = static_cast<size_t>(most_bits - linear_bits + 2) << (linear_bits - 1);
  static constexpr int64_t slices = 6;

  struct Slice {
    int64_t number = -1;
    uint64_t total = 0;
    double max_ms = 0.0;
    std::array<uint32_t, buckets> counts{};
  };

  static size_t bucket_of(double ms) {
    constexpr double most = static_cast<double>((uint64_t{1} << most_bits) - 1);
    const auto units = static_cast<uint64_t>(std::clamp(ms / unit_ms, 0.0, most));
    const int octave = std::max(0, static_cast<int>(std::bit_width(units)) - linear_bits);
    return (static_cast<size_t>(octave) << (linear_bits - 1)) + static_cast<size_t>(units >> octave);
  }
  // The middle of a bucket.
  static double ms_of(size_t bucket) {
    constexpr size_t half = size_t{1} << (linear_bits - 1);
    const size_t octave = bucket < 2 * half ? 0 : bucket / half - 1;
    const size_t step = bucket - octave * half;
    return (static_cast<double>(step) + (octave == 0 ? 0.0 : 0.5)) * std::exp2(static_cast<double>(octave)) *
           unit_ms;
  }
  static int64_t slice_now() { return static_cast<int64_t>(clock_s(CLOCK_MONOTONIC) * slices / window_s); }

  std::mutex mutex;
  std::array<Slice, slices> ring;
};

Latency::Latency() : impl_(std::make_unique<Impl>()) {}
Latency::~Latency() = default;

void Latency::observe(double ms) {
  const int64_t number = Impl::slice_now();
  const std::lock_guard lock(impl_->mutex);
  Impl::Slice& slice = impl_->ring[static_cast<size_t>(number % Impl::slices)];
  if (slice.number != number) {
    slice = Impl::Slice();
    slice.number = number;
  }
  ++slice.counts[Impl::bucket_of(ms)];
  ++slice.total;
  slice.max_ms = std::max(slice.max_ms, ms);
}

json Latency::figures() const {
  json out{{"p50", nullptr}, {"p95", nullptr}, {"p99", nullptr}, {"max", nullptr}};
  const int64_t oldest = Impl::slice_now() - Impl::slices + 1;
  std::vector<uint64_t> counts(Impl::buckets);
  uint64_t total = 0;
  double max_ms = 0.0;
  const std::lock_guard lock(impl_->mutex);
  for (const Impl::Slice& slice : impl_->ring) {
    if (slice.number < oldest) continue;
    for (size_t i = 0; i < counts.size(); ++i) counts[i] += slice.counts[i];
    total += slice.total;
    max_ms = std::max(max_ms, slice.max_ms);
  }
  if (total == 0) return out;
  const auto shown = [](double ms) { return std::round(ms * 1e4) / 1e4; };
  for (const int percent : {50, 95, 99}) {
    const uint64_t rank = (total * static_cast<uint64_t>(percent) + 99) / 100;
    uint64_t seen = 0;
    size_t bucket = 0;
    while ((seen += counts[bucket]) < rank) ++bucket;
    out["p" + std::to_string(percent)] = shown(std::min(Impl::ms_of(bucket), max_ms));
  }
  out["max"] = shown(max_ms);
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
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

FigureReporter::~FigureReporter() {
  thread_.request_stop();
  thread_.join();
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

void FigureReporter::run(const std::stop_token& stop) {
  bool warned = false;
  for (long second = 0; !stop.stop_requested(); ++second) {
    try {  // of what goes wrong here nobody's sound must end
      const json figures = collect_();
      if (second % 10 == 9) log_info(figures_line(figures));
      write_file(file_, figures.dump() + "\n");
    } catch (const std::exception& error) {
      if (!std::exchange(warned, true)) log_warning(std::string("figures are not written: ") + error.what());
    }
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
    const auto* known = std::find_if(std::begin(figures_known), std::end(figures_known),
                                     [&](const FigureInfo& figure) { return figure.name == name; });
    const std::string meaning(known != std::end(figures_known) ? known->meaning : name);
    prometheus::MetricFamily family{unit.name, meaning, prometheus::MetricType::Gauge, {}};
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
