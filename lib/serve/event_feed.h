// SPDX-License-Identifier: MIT
// What plays as events, for listeners that make the sound themselves: the composer's lines as they come, each batch one
// message for all, and a history that lets a newcomer begin in the middle.
//   message   JSON lines: a clock {t, position} where it differs from the last, then events up to an advance
//   clock     second t of the piece is heard at that frame of the stream
//   errors    a line that is no event of the stream costs the stream's rest: nothing is sent until the next start
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "model/event_history.h"
#include "model/event_stream.h"
#include "serve/track.h"

namespace auralis {

class EventFeed {
 public:
  // The frame of the stream at which second `t_s` of the piece is heard; `newest_s` is the newest that came.
  using PositionOf = std::function<int64_t(double t_s, double newest_s)>;

  explicit EventFeed(PositionOf position_of) : position_of_(std::move(position_of)) {}

  // A line from the composer, of this type; answers the message that it completes.
  PacketPtr on_line(std::string_view type, std::string_view line, int64_t now_us);
  // For a newcomer, or one that has lost something; nullptr where nothing plays. Made once for all who come between two lines.
  PacketPtr snapshot();
  // The composer has gone.
  void forget();

 private:
  std::string clock() const;

  PositionOf position_of_;
  std::optional<EventReader> reader_;
  EventHistory history_{newcomer_window_s};
  PacketPtr snapshot_;  // none since the last line
  std::string batch_;
  bool begins_ = false;  // the batch, with a start
  int64_t start_ = 0;    // the frame of second 0, as it was sent last
};

}  // namespace auralis
