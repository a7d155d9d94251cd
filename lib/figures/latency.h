// SPDX-License-Identifier: MIT
// Quantiles of a latency over the last minute, from a histogram.
//   in        milliseconds, from any thread
//   out       right to 1 %; the largest is exact
//   cost      an increment under a lock: not for code that must never block
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

namespace auralis {

class Latency {
 public:
  Latency();
  ~Latency();
  void observe(double ms);
  // {"p50": …, "p95": …, "p99": …, "max": …} in ms, null members before the first observation.
  nlohmann::json figures() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auralis
