// SPDX-License-Identifier: MIT
#include "figures/process.h"

#include <unistd.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/clock.h"

namespace auralis {
namespace {

using nlohmann::json;

double resident_mb() {
  std::ifstream statm("/proc/self/statm");
  long total = 0;
  long resident = 0;
  statm >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

}  // namespace

ProcessFigures::ProcessFigures()
    : started_s_(monotonic_s()), last_wall_s_(started_s_), last_cpu_s_(process_cpu_s()) {}

json ProcessFigures::figures() {
  const double wall = monotonic_s();
  const double cpu = process_cpu_s();
  const double share = wall > last_wall_s_ ? 100.0 * (cpu - last_cpu_s_) / (wall - last_wall_s_) : 0.0;
  last_wall_s_ = wall;
  last_cpu_s_ = cpu;
  return {{"memory_mb", std::round(resident_mb() * 10) / 10},
          {"cpu_percent", std::round(share * 10) / 10},
          {"uptime_s", std::round((wall - started_s_) * 10) / 10},
          {"version", AURALIS_VERSION}};
}

}  // namespace auralis
