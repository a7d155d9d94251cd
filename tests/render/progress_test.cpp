// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "render/progress.h"

using namespace auralis;

TEST_CASE("The line has a bar and the time left where the length is known, and the speed in any case") {
  CHECK(progress_line({20.0, 60.0, 1.0}) ==
        "[==========                    ] 0:20 of 1:00, 0:02 left, 20 times real time");
  CHECK(progress_line({90.0, std::nullopt, 0.5}) == "1:30, 180 times real time");
  CHECK(progress_line({0.0, 60.0, 0.0}) ==
        "[                              ] 0:00 of 1:00, 0 times real time");
  // A guess that was too short leaves the bar full and no time left.
  CHECK(progress_line({61.0, 60.0, 1.0}) ==
        "[==============================] 1:01 of 1:00, 0:00 left, 61 times real time");
}
