// SPDX-License-Identifier: MIT
#include "compose/event_queue.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace auralis {

double rounded(double x) { return std::round(x * 1e4) / 1e4; }

void EventQueue::push(Event event) {
  const double t_s = event_time(event);
  pending_.push_back({t_s, order_++, std::move(event)});
}

void EventQueue::flush(double until_s, bool inclusive, std::vector<Event>& out) {
  std::sort(pending_.begin(), pending_.end(), [](const Pending& a, const Pending& b) {
    return std::tie(a.t_s, a.order) < std::tie(b.t_s, b.order);
  });
  auto next = pending_.begin();
  for (; next != pending_.end() && (inclusive ? next->t_s <= until_s : next->t_s < until_s); ++next) {
    out.push_back(std::move(next->event));
  }
  pending_.erase(pending_.begin(), next);
}

void EventQueue::drop_changes_after(double t_s) {
  std::erase_if(pending_, [&](const Pending& pending) {
    return pending.t_s > t_s && std::holds_alternative<ChangeEvent>(pending.event);
  });
}

}  // namespace auralis
