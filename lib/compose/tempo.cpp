// SPDX-License-Identifier: MIT
#include "compose/tempo.h"

#include "compose/event_queue.h"

namespace auralis {

double Tempo::step(double now_s) {
  const double old_bpm = bpm;
  const double left_s = ramp_until_s - now_s;
  bpm = rounded(left_s < step_s ? target_bpm : bpm + (target_bpm - bpm) * step_s / left_s);
  return old_bpm / bpm;
}

}  // namespace auralis
