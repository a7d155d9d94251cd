// SPDX-License-Identifier: MIT
// Events that were decided and not yet given out: by time, then in the order in which they were decided.
#pragma once

#include <cstdint>
#include <vector>

#include "model/event.h"

namespace auralis {

// Numbers other than times are rounded to this in events, so that a last bit of arithmetic cannot show.
double rounded(double x);

class EventQueue {
 public:
  void push(Event event);

  // Appends all before until_s to out, in order; with inclusive also those at until_s.
  void flush(double until_s, bool inclusive, std::vector<Event>& out);

  // Forgets the changes of sound that were decided for later than t_s.
  void drop_changes_after(double t_s);

 private:
  struct Pending {
    double t_s;
    uint64_t order;
    Event event;
  };

  std::vector<Pending> pending_;
  uint64_t order_ = 0;
};

}  // namespace auralis
