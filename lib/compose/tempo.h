// SPDX-License-Identifier: MIT
// How fast the beats go, and where a change of tempo is on its way.
#pragma once

namespace auralis {

struct Tempo {
  static constexpr double step_s = 0.25;  // a ramp moves by such steps

  double bpm = 60.0;
  double target_bpm = 60.0;
  double ramp_until_s = 0.0;
  // The clock that beats are counted by: counted_beats had passed at counted_s; each step of a ramp counts anew.
  double counted_s = 0.0;
  double counted_beats = 0.0;

  double beat_s() const { return 60.0 / bpm; }
  bool moves() const { return bpm != target_bpm; }

  // The half beat nearest a time, not before another.
  double half_beat_near(double t_s, double not_before_s) const;

  // One step towards the target; returns by how much a beat has grown.
  double step(double now_s);
};

}  // namespace auralis
