// SPDX-License-Identifier: MIT
// What this process uses of the machine.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace auralis {

// {"memory_mb": resident, "cpu_percent": of one core since the call before, "uptime_s": …, "version": …}
class ProcessFigures {
 public:
  ProcessFigures();
  nlohmann::json figures();

 private:
  double started_s_;
  double last_wall_s_;
  double last_cpu_s_;
};

}  // namespace auralis
