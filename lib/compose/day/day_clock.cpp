// SPDX-License-Identifier: MIT
#include "compose/day/day_clock.h"

#include <chrono>
#include <cmath>
#include <ctime>

#include "compose/day/day.h"

namespace auralis {
namespace {

constexpr int days_looked_at = 4;

// The moment at which a day of the calendar has this time. In the hour that comes twice the one in summer time is first.
double moment_of(const std::tm& date, int days_on, double of_day_s) {
  const auto whole_s = static_cast<int>(of_day_s);
  for (const int summer : {1, 0, -1}) {
    std::tm wanted = date;
    wanted.tm_mday += days_on;
    wanted.tm_hour = whole_s / 3600;
    wanted.tm_min = whole_s / 60 % 60;
    wanted.tm_sec = whole_s % 60;
    wanted.tm_isdst = summer;
    const std::time_t moment = std::mktime(&wanted);
    std::tm back{};
    if (moment == -1 || ::localtime_r(&moment, &back) == nullptr) continue;
    const bool is_it =
        back.tm_hour == whole_s / 3600 && back.tm_min == whole_s / 60 % 60 && back.tm_sec == whole_s % 60;
    if (is_it || summer == -1) return static_cast<double>(moment) + (of_day_s - whole_s);
  }
  return -1.0;
}

}  // namespace

double next_time_of_piece(double of_day_s, double after) {
  return of_day_s + day_s * (std::floor((after - of_day_s) / day_s) + 1.0);
}

double wall_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since).count();
}

double next_time_of_wall(double of_day_s, double after) {
  const auto from = static_cast<std::time_t>(std::floor(after));
  std::tm date{};
  if (::localtime_r(&from, &date) == nullptr) return after + day_s;
  for (int days_on = 0; days_on < days_looked_at; ++days_on) {
    const double moment = moment_of(date, days_on, of_day_s);
    if (moment > after) return moment;
  }
  return after + day_s;
}

}  // namespace auralis
