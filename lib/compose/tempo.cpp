// SPDX-License-Identifier: MIT
#include "compose/tempo.h"

#include <cmath>

#include "compose/event_queue.h"

namespace auralis {

double Tempo::half_beat_near(double t_s, double not_before_s) const {
  const auto at = [&](double half_beats) {
    return counted_s + (0.5 * half_beats - counted_beats) * beat_s();
  };
  const double nearest = std::round(2.0 * (counted_beats + (t_s - counted_s) / beat_s()));
  return at(nearest) < not_before_s ? at(nearest + 1.0) : at(nearest);
}

double Tempo::step(double now_s) {
  counted_beats += (now_s - counted_s) / beat_s();
  counted_s = now_s;
  const double old_bpm = bpm;
  const double left_s = ramp_until_s - now_s;
  bpm = rounded(left_s < step_s ? target_bpm : bpm + (target_bpm - bpm) * step_s / left_s);
  return old_bpm / bpm;
}

}  // namespace auralis
