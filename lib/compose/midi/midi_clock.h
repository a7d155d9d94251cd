// SPDX-License-Identifier: MIT
// Ticks of a MIDI file to seconds and bar lines, followed forward in time.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "compose/midi/midi_limits.h"
#include "compose/midi/midi_track.h"

namespace auralis {

class MidiClock {
 public:
  MidiClock(const MidiDivision& division, double from_s, uint32_t us_per_quarter)
      : division_(division), from_s_(from_s) {
    set_tempo(us_per_quarter);
  }

  double seconds(uint64_t tick) const { return from_s_ + static_cast<double>(tick - from_tick_) * tick_s_; }
  // With SMPTE time tempo means nothing.
  void set_tempo(uint32_t us_per_quarter) {
    tick_s_ = division_.ticks_per_quarter > 0.0 ? us_per_quarter * 1e-6 / division_.ticks_per_quarter
                                                : 1.0 / division_.ticks_per_second;
  }
  void move_to(uint64_t tick) {
    from_s_ = seconds(tick);
    from_tick_ = tick;
  }

 private:
  MidiDivision division_;
  uint64_t from_tick_ = 0;
  double from_s_ = 0.0;
  double tick_s_ = 0.0;
};

// Bar lines while time passes, in quarters, whatever the tempo does; one more than may be used at most.
class MidiBars {
 public:
  MidiBars(std::vector<double>& lines, const MidiDivision& division)
      : lines_(lines),
        ticks_per_quarter_(division.ticks_per_quarter > 0.0 ? division.ticks_per_quarter
                                                            : division.ticks_per_second / 2.0) {}

  void advance(uint64_t tick, const MidiClock& clock) {
    for (; next_ <= static_cast<double>(tick) && lines_.size() <= most_midi_bars; next_ += bar_ticks()) {
      last_ = next_;
      lines_.push_back(clock.seconds(static_cast<uint64_t>(std::llround(next_))));
    }
  }
  // A new metre begins a bar; advance has been called for its tick.
  void set_metre(uint64_t tick, int numerator, int power) {
    quarters_ = numerator * 4.0 / (1 << power);
    const bool line_here = last_ == static_cast<double>(tick);
    next_ = static_cast<double>(tick) + (line_here ? bar_ticks() : 0.0);
  }

 private:
  double bar_ticks() const { return std::max(1.0, quarters_ * ticks_per_quarter_); }

  std::vector<double>& lines_;
  double ticks_per_quarter_;
  double quarters_ = 4.0;
  double next_ = 0.0;
  double last_ = -1.0;
};

}  // namespace auralis
