// SPDX-License-Identifier: MIT
// What is wrong with a MIDI file that plays all the same: counted by kind, and told in one warning.
#pragma once

#include <array>
#include <cstddef>
#include <string>

namespace auralis {

// In the order in which a warning tells of them.
enum class MidiFault : size_t {
  line_ends,
  header,
  type,
  track_count,
  track_length,
  between_tracks,
  data_byte,
  stray_byte,
  lost_status,
  cut_event,
  tempo,
  too_late,  // than midi_limits.h allows
  port,
  count
};

class MidiFaults {
 public:
  void add(MidiFault fault, size_t byte);

  bool any() const { return total_ > 0; }
  // "byte N: what", of the fault met first.
  std::string first() const;
  // "NAME: 5 faults are passed over: 3 data bytes above 127 (first at byte 47), ...".
  std::string warning(const std::string& name) const;

 private:
  struct Count {
    size_t times = 0;
    size_t first_byte = 0;
  };
  std::array<Count, static_cast<size_t>(MidiFault::count)> counts_{};
  size_t total_ = 0;
  MidiFault first_ = MidiFault::line_ends;
};

}  // namespace auralis
