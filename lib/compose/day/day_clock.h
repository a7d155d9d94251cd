// SPDX-License-Identifier: MIT
// The axes on which a day is counted.
//   piece   seconds from a midnight before the piece: begins at a time of the day, and every day has 24 hours
//   wall    seconds since the epoch, by the machine's clock and its time zone. A time that a change of the clocks leaves out
//           comes when they have jumped over it; of one that comes twice the first counts
#pragma once

namespace auralis {

double next_time_of_piece(double of_day_s, double after);

double wall_now();
double next_time_of_wall(double of_day_s, double after);

}  // namespace auralis
