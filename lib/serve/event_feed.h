// SPDX-License-Identifier: MIT
// What plays as events, for listeners that make the sound themselves: the composer's lines as they come, a message for many
// at once, and a history that lets a newcomer begin in the middle.
//   message   JSON lines: a clock {t, position} where it differs from the last, then events up to an advance
//   clock     second t of the piece is heard at that frame of the stream
//   lanes     followers are told in turns, a lane of them at each advance, so that of thousands the last is told as
//             soon as the first. What a control brings, a piece's start and its end all are told at once
//   errors    a line that is no event of the stream costs the stream's rest: nothing is sent until the next start
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/event_history.h"
#include "model/event_stream.h"
#include "serve/track.h"

namespace auralis {

// A composer advances every subscribers_told_every_s: each lane is told every half second.
inline constexpr size_t event_lanes = 5;

struct EventMessage {
  size_t lane;
  PacketPtr packet;
};

class EventFeed {
 public:
  // The frame of the stream at which second `t_s` of the piece is heard; `newest_s` is the newest that came.
  using PositionOf = std::function<int64_t(double t_s, double newest_s)>;

  explicit EventFeed(PositionOf position_of) : position_of_(std::move(position_of)) {}

  // A line from the composer, of this type; answers the messages that it completes, at most one for each lane.
  std::vector<EventMessage> on_line(std::string_view type, std::string_view line, int64_t now_us);
  // For a newcomer, or one that has lost something; nullptr where nothing plays. Made once for all who come between two
  // advances. All that comes after it is told in newest_lane().
  PacketPtr snapshot();
  size_t newest_lane() const { return newest_lane_; }
  // The composer has gone.
  void forget();

 private:
  struct Lane {
    std::string lines;             // since its last message, without the advances between
    std::optional<int64_t> start;  // the frame of second 0, as it was sent last
    int64_t sent_us = 0;
  };

  void keep(const Event& event, std::string_view line);
  std::vector<EventMessage> advance(std::string_view line, bool is_end, int64_t now_us);
  std::string clock() const;

  PositionOf position_of_;
  std::optional<EventReader> reader_;
  EventHistory history_{newcomer_window_s};
  PacketPtr snapshot_;  // none since the last advance
  std::array<Lane, event_lanes> lanes_;
  std::vector<Event> coming_;  // since the last advance
  std::string coming_lines_;
  bool all_at_once_ = false;  // what is coming does not wait for a lane's turn
  size_t newest_lane_ = 0;
};

}  // namespace auralis
