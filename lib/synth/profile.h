// SPDX-License-Identifier: MIT
// Where a renderer's time goes: seconds of each of its stages, of all threads together, since it was made.
//   threads   any may add, and any may ask
//   cost      two looks at the clock for a stage of a chunk; none where nobody asked for it
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "synth/fx/rack.h"
#include "synth/renderer.h"

namespace auralis {

// In the order in which sound goes through them; of the sends each.
enum Stage : size_t {
  events_stage,
  control_stage,
  voices_stage,  // less what a device does meanwhile
  device_sound_stage,
  device_copies_stage,
  mix_stage,
  stems_stage,
  first_send_stage,
  inserts_stage = first_send_stage + static_cast<size_t>(send_count),
  finishes_stage,
  limiter_stage,
  stage_count
};

class Profile {
 public:
  // clock: seconds, which never go back; an engine has none of its own
  explicit Profile(double (*clock)());

  template <typename Work>
  void time(size_t stage, const Work& work) {
    const double began_s = clock_();
    work();
    add(stage, nanoseconds(clock_() - began_s));
  }
  // What a device did while the voices waited for it.
  void add_device(double sound_s, double copies_s);
  std::vector<StageTime> times() const;

 private:
  static int64_t nanoseconds(double s) { return static_cast<int64_t>(s * 1e9); }
  void add(size_t stage, int64_t ns) { spent_ns_[stage].fetch_add(ns, std::memory_order_relaxed); }

  double (*clock_)();
  std::deque<std::atomic<int64_t>> spent_ns_;  // by stage
};

}  // namespace auralis
