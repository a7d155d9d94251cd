// SPDX-License-Identifier: MIT
// A latency: its quantiles over the last minute, and how often which was seen since the start, which can be added up over
// machines and over time.
//   in        milliseconds, from any thread
//   out       quantiles right to 1 %; the largest is exact
//   cost      an increment under a lock: not for code that must never block
#pragma once

#include <array>
#include <memory>
#include <nlohmann/json_fwd.hpp>

namespace auralis {

// Upper bounds of the classes that a latency is counted in since the start; one more has what is above them all.
inline constexpr std::array<double, 15> latency_bounds_ms{0.1, 0.25, 0.5, 1,   2.5,  5,    10,   25,
                                                          50,  100,  250, 500, 1000, 2500, 10000};
// Where add_to() puts the counts.
inline constexpr const char* histograms_name = "histograms";

class Latency {
 public:
  Latency();
  ~Latency();
  void observe(double ms);
  // {"p50": …, "p95": …, "p99": …, "max": …} in ms, null members before the first observation.
  nlohmann::json figures() const;
  // figures[name] as above, and figures["histograms"][name]: {"counts": [in each class], "sum_ms": of all}.
  void add_to(nlohmann::json& figures, const char* name) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auralis
