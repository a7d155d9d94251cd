// SPDX-License-Identifier: MIT
#include "compose/day/day.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

#include "base/text.h"
#include "compose/event_queue.h"

namespace auralis {
namespace {

constexpr int most_steps = 1000;
constexpr double shortest_way_s = 1.0;
constexpr double hour_s = 3600.0;
constexpr double longest_span_s = 366 * day_s;
constexpr double on_time = 1e-3;  // of a step, which a moment of the axis may miss by rounding
constexpr double never_due = std::numeric_limits<double>::infinity();
constexpr const char* sender = "schedule";

bool is_number(ControlId id) { return info_of(id).kind == ControlKind::number; }

ControlId id_of(size_t which) { return static_cast<ControlId>(which); }

}  // namespace

std::string time_text(const DayEntry& entry) {
  const auto two = [](long value) { return (value < 10 ? ":0" : ":") + std::to_string(value); };
  const long whole_s = std::lround(entry.at_s);
  if (entry.from == DayEntry::From::start) return minutes_and_seconds(entry.at_s) + " from the start";
  std::string text = std::to_string(whole_s / 3600) + two(whole_s / 60 % 60);
  if (whole_s % 60 != 0) text += two(whole_s % 60);
  return text;
}

std::optional<double> parse_time_of_day(std::string_view text) {
  int parts[3] = {};
  size_t count = 0;
  const char* at = text.data();
  const char* end = at + text.size();
  for (; count < 3; ++count) {
    const auto [rest, status] = std::from_chars(at, end, parts[count]);
    const auto digits = rest - at;
    if (status != std::errc() || *at == '-' || digits > 2 || (count > 0 && digits != 2)) return std::nullopt;
    at = rest;
    if (at == end) break;
    if (*at++ != ':') return std::nullopt;
  }
  if (at != end || count == 0 || count > 2 || parts[0] > 23 || parts[1] > 59 || parts[2] > 59)
    return std::nullopt;
  return parts[0] * 3600.0 + parts[1] * 60.0 + parts[2];
}

std::optional<double> parse_span(std::string_view text) {
  const std::string whole(text);  // not every library's from_chars reads fractions
  const bool plain = whole.find_first_not_of("0123456789.ehms+-") == std::string::npos;
  if (whole.empty() || !plain) return std::nullopt;
  double total_s = 0.0;
  for (const char* at = whole.c_str(); *at != '\0';) {
    if ((*at < '0' || *at > '9') && *at != '.') return std::nullopt;
    char* rest = nullptr;
    const double value = std::strtod(at, &rest);
    const double unit_s = *rest == 'h' ? 3600.0 : *rest == 'm' ? 60.0 : *rest == 's' ? 1.0 : 0.0;
    if (rest == at || unit_s == 0.0) return std::nullopt;
    total_s += value * unit_s;
    at = rest + 1;
  }
  return total_s <= longest_span_s ? std::optional(total_s) : std::nullopt;
}

DayPlayer::DayPlayer(Day day, double begins, NextTime next_time)
    : day_(std::move(day)), begins_(begins), next_time_(std::move(next_time)), due_(day_.size(), never_due) {}

double DayPlayer::due_of(size_t entry, double after) const {
  const DayEntry& of = day_[entry];
  if (of.from == DayEntry::From::midnight) return next_time_(of.at_s, after);
  const double at = begins_ + of.at_s;
  return at > after ? at : never_due;
}

// All entries of the 24 hours before count, each in its turn. What the last ones of them have under way goes on.
Control DayPlayer::beginning() {
  constexpr double just_before = 1e-3;  // what is due as the piece begins is due then
  std::vector<std::pair<double, size_t>> past;
  for (size_t i = 0; i < day_.size(); ++i) {
    due_[i] = due_of(i, begins_ - just_before);
    if (day_[i].from != DayEntry::From::midnight || due_[i] <= begins_) continue;
    double last = due_of(i, begins_ - day_s - hour_s);
    for (double later = last; later < begins_; later = due_of(i, later)) last = later;
    past.emplace_back(last, i);
  }
  std::sort(past.begin(), past.end());
  Control standing;
  for (const auto& [moment, i] : past) {
    if (moment >= begins_) continue;
    Control set;
    begin(i, moment, standing, set);
    standing.merge(set);
  }
  Control under_way;
  go_on(begins_, under_way);
  standing.merge(under_way);
  return standing;
}

double DayPlayer::Way::at(double moment) const {
  const double share = over > 0.0 ? std::clamp((moment - began) / over, 0.0, 1.0) : 1.0;
  return rounded(from + (to - from) * std::floor(share * steps + on_time) / steps);
}

void DayPlayer::begin(size_t entry, double moment, const Control& standing, Control& set) {
  const DayEntry& of = day_[entry];
  current_ = entry;
  for (size_t i = 0; i < control_count; ++i) {
    const std::optional<ControlValue>& wanted = of.set.values[i];
    if (!wanted) continue;
    const ControlId id = id_of(i);
    std::erase_if(ways_, [id](const Way& way) { return way.id == id; });
    const double* stands_at = standing.number(id);
    if (of.begins_at[i]) stands_at = &*of.begins_at[i];
    if (!is_number(id) || of.over_s < shortest_way_s || stands_at == nullptr) {
      set[id] = *wanted;
      continue;
    }
    const double from = *stands_at;
    const double to = std::get<double>(*wanted);
    const int steps =
        std::clamp(static_cast<int>(std::ceil(std::abs(to - from) / info_of(id).step)), 1, most_steps);
    ways_.push_back({id, from, to, moment, of.over_s, steps, 0});
    set[id] = from;  // also where a preset would bring a value of its own
  }
  set.merge(Control{.id = {}, .values = {}, .layers = of.set.layers});
}

void DayPlayer::go_on(double now, Control& set) {
  for (Way& way : ways_) {
    const double share = std::clamp((now - way.began) / way.over, 0.0, 1.0);
    const int step = static_cast<int>(std::floor(share * way.steps + on_time));
    if (step <= way.step) continue;
    way.step = step;
    set[way.id] = way.at(now);
  }
  std::erase_if(ways_, [](const Way& way) { return way.step >= way.steps; });
}

double DayPlayer::next() const {
  double soonest = never_due;
  for (const double due : due_) soonest = std::min(soonest, due);
  for (const Way& way : ways_) soonest = std::min(soonest, way.began + way.over * (way.step + 1) / way.steps);
  return soonest;
}

Control DayPlayer::take(double now, const Control& standing) {
  Control all;
  all.id = sender;
  Control stands = standing;
  for (;;) {
    const auto first = std::min_element(due_.begin(), due_.end());
    if (first == due_.end() || *first > now) break;
    const auto entry = static_cast<size_t>(first - due_.begin());
    Control set;
    go_on(*first, set);
    begin(entry, *first, stands, set);
    stands.merge(set);
    all.merge(set);
    *first = due_of(entry, *first);
  }
  go_on(now, all);
  return all;
}

void DayPlayer::yield_to(const Control& control) {
  std::erase_if(ways_, [&](const Way& way) { return control[way.id].has_value(); });
}

size_t DayPlayer::following() const {
  return static_cast<size_t>(std::min_element(due_.begin(), due_.end()) - due_.begin());
}

DayPlayer::Now DayPlayer::now() const {
  const auto called = [](const DayEntry& entry) {
    return entry.name.empty() ? time_text(entry) : entry.name;
  };
  Now now;
  if (current_) now.entry = called(day_[*current_]);
  if (const size_t coming = following(); coming < day_.size() && due_[coming] < never_due) {
    now.next = called(day_[coming]);
    now.next_at = time_text(day_[coming]);
  }
  return now;
}

}  // namespace auralis
