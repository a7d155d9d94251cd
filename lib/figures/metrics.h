// SPDX-License-Identifier: MIT
// A command's own figures: counted where the work is done, written to the session folder every second, logged
// every ten.
//   Figures      name → number, string, or {p50, p95, p99, max}; the names are those of the contract's table
//   Latency      quantiles over the last minute, right to 1 %, from a histogram; the largest is exact
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <thread>

namespace auralis {

class Latency {
 public:
  Latency();
  ~Latency();
  // Safe from any thread; no use in code that may not lock.
  void observe(double ms);
  // {"p50": …, "p95": …, "p99": …, "max": …} in ms, null members before the first observation.
  nlohmann::json figures() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// This process: memory_mb (resident), cpu_percent (of one core since the call before), uptime_s, version.
class ProcessFigures {
 public:
  ProcessFigures();
  nlohmann::json figures();

 private:
  double started_s_;
  double last_wall_s_;
  double last_cpu_s_;
};

// Calls `collect` from a thread of its own every second, writes FOLDER/NAME.metrics.json atomically and every
// 10 s logs the figures as key=value. The file is removed at the end, so that a figure there is a figure of a
// living process.
class FigureReporter {
 public:
  FigureReporter(const std::filesystem::path& session_folder, const std::string& name,
                 std::function<nlohmann::json()> collect);
  ~FigureReporter();

 private:
  void run(const std::stop_token& stop);

  std::filesystem::path file_;
  std::function<nlohmann::json()> collect_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

// The figures of a session: those that are there, if only as null, where nobody tells them.
struct FigureInfo {
  std::string_view name;
  std::string_view meaning;
};
std::span<const FigureInfo> known_figures();

// "key=value key=value": nested members joined by a dot.
std::string figures_line(const nlohmann::json& figures);

// The Prometheus text format of merged figures: `auralis_` names in base units, quantiles labelled `stat`.
std::string prometheus_text(const nlohmann::json& figures);

}  // namespace auralis
