// SPDX-License-Identifier: MIT
// The event stream on the wire: JSON Lines, UTF-8, one event a line, t with six decimals.
//   reading   in pieces of any size; unknown fields and parameters are passed over, and so are unknown types, with a warning
//             for each
//   errors    Error{bad_input, "FILE:LINE: ..."} for a malformed line, a missing start, a t that goes back,
//             a value out of range, anything after end, or more than limits.h allows
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "model/event.h"

namespace auralis {

// One line, newline included. The same event always gives the same bytes.
std::string to_line(const Event& event);
// What a reader of that line gets: the event with its numbers rounded to what the line says.
Event as_written(Event event);

class EventReader {
 public:
  using Warn = std::function<void(const std::string& message)>;

  // name stands for FILE in messages ("-" reads as "<stdin>"); warn may be empty. `joins`: the stream may begin at any time,
  // as one does that somebody joined.
  explicit EventReader(std::string name, Warn warn = {}, bool joins = false);

  // Hands every event that is now complete to sink, in order. What was handed over before an error stays valid.
  void feed(std::string_view bytes, const std::function<void(Event&&)>& sink);

  // The input has ended: reads a last line without newline. False where no `end` was seen.
  bool finish(const std::function<void(Event&&)>& sink);

  bool ended() const { return ended_; }
  double position_s() const { return last_t_; }

 private:
  void read_line(std::string_view line, const std::function<void(Event&&)>& sink);
  std::optional<Event> parse_line(std::string_view line);
  void check_order(const std::string& type) const;
  void warn_of_type(const std::string& type);
  void check_time(double t) const;
  void check_layer(const Event& event);

  std::string name_;
  Warn warn_;
  bool joins_;
  std::string partial_;
  long line_ = 0;
  double last_t_ = 0.0;
  bool started_ = false;
  bool ended_ = false;
  // Notes without an id each get one of their own, so that none ends another.
  uint64_t newest_unnamed_ = largest_note_id;
  std::set<std::string, std::less<>> layers_;  // seen so far
  std::set<std::string> unknown_types_;        // warned of
};

}  // namespace auralis
