// SPDX-License-Identifier: MIT
// When a piece is: now, where it ends, where it falls silent. Seconds from its start, whole microseconds as on the wire.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace auralis {

inline constexpr double never = std::numeric_limits<double>::infinity();

inline double whole_us(double t_s) { return std::round(t_s * 1e6) / 1e6; }

// How a piece ends that is asked to: with a last chord that rings, in at most ten seconds; or at once, faded in two.
enum class Ending { musical, quick };

struct Timeline {
  double now_s = 0.0;
  double end_s = never;        // the piece is over
  double sound_end_s = never;  // the last note is released
  double fade_from_s = never;  // the master begins to fade
  double silence_from_s = never;
  double silence_to_s = never;
  bool finishing = false;  // it was asked to end

  // Nothing sounds from here to quiet_over(), or from the end of sounding on.
  double quiet_from() const {
    return now_s < silence_from_s ? std::min(silence_from_s, sound_end_s) : sound_end_s;
  }
  bool quiet() const { return now_s >= sound_end_s || (now_s >= silence_from_s && now_s < silence_to_s); }
  double quiet_over() const { return now_s >= sound_end_s ? never : silence_to_s; }
};

}  // namespace auralis
