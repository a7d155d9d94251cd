// SPDX-License-Identifier: MIT
// A day of music: which controls stand when. A layer above the composer, which gets nothing but controls from it.
//   times    of the day, or from the start of the piece. An axis of seconds is what both are counted on: it goes on with the
//            piece, or with the wall's clock, and says itself when a time of the day comes next (day_clock.h)
//   entry    at its time what it says is set; numbers go there over a while, in steps of their sliders
//   start    what a day has said by then holds from the beginning, and a way that was begun goes on
//   hand     a listener who sets what is under way takes it over, until the next entry
//   copies   go on as the original does
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/control.h"

namespace auralis {

inline constexpr double day_s = 86400.0;

struct DayEntry {
  enum class From { midnight, start };

  std::string name{};  // to listeners; may be empty
  From from = From::midnight;
  double at_s = 0.0;
  double over_s = 0.0;  // that numbers take
  Control set{};
  std::array<std::optional<double>, control_count> begins_at{};  // of numbers; else from where they stand

  bool operator==(const DayEntry&) const = default;
};

using Day = std::vector<DayEntry>;

// "22:30", "7:00", "06:15:30": seconds after midnight.
std::optional<double> parse_time_of_day(std::string_view text);
// "20m", "90s", "1h30m", "1.5h": at most a year.
std::optional<double> parse_span(std::string_view text);

// "22:30", or "30 min" from the start.
std::string time_text(const DayEntry& entry);

class DayPlayer {
 public:
  // The first time after a moment of the axis at which it is so many seconds after midnight.
  using NextTime = std::function<double(double of_day_s, double after)>;

  // begins: the moment of the axis at which the piece does.
  DayPlayer(Day day, double begins, NextTime next_time);

  // What holds at the beginning.
  Control beginning();

  double begins() const { return begins_; }
  // When something is due, and what; standing: the controls as they stand.
  double next() const;
  Control take(double now, const Control& standing);

  // A listener's hand.
  void yield_to(const Control& control);

  struct Now {
    std::string entry;  // its name, or its time; empty before the first
    std::string next;   // likewise of the one that comes
    std::string next_at;
  };
  Now now() const;

 private:
  struct Way {  // of a number, under way
    ControlId id;
    double from, to;
    double began, over;
    int steps, step;

    double at(double moment) const;
  };

  double due_of(size_t entry, double after) const;
  void begin(size_t entry, double moment, const Control& standing, Control& set);
  void go_on(double now, Control& set);
  size_t following() const;

  Day day_;
  double begins_;
  NextTime next_time_;
  std::vector<double> due_;  // by entry
  std::vector<Way> ways_;
  std::optional<size_t> current_;
};

}  // namespace auralis
