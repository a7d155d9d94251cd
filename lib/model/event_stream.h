// SPDX-License-Identifier: MIT
// The event stream on the wire: JSON Lines, UTF-8, one event a line, t with six decimals.
//   reading   in pieces of any size; unknown types, fields and parameters are passed over
//   errors    Error{bad_input, "FILE:LINE: ..."} for a malformed line, a missing start, a t that goes back,
//             a value out of range, anything after end, or more than limits.h allows
#pragma once

#include <functional>
#include <memory>
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
  // name stands for FILE in messages ("-" reads as "<stdin>").
  explicit EventReader(std::string name);

  // Hands every event that is now complete to sink, in order. What was handed over before an error stays valid.
  void feed(std::string_view bytes, const std::function<void(Event&&)>& sink);

  // The input has ended: reads a last line without newline. False where no `end` was seen.
  bool finish(const std::function<void(Event&&)>& sink);

  bool ended() const { return ended_; }
  double position_s() const { return last_t_; }

 private:
  void read_line(std::string_view line, const std::function<void(Event&&)>& sink);
  void check_time(double t) const;
  void check_layer(const Event& event);

  std::string name_;
  std::string partial_;
  long line_ = 0;
  double last_t_ = 0.0;
  bool started_ = false;
  bool ended_ = false;
  std::set<std::string, std::less<>> layers_;  // seen so far
};

}  // namespace auralis
