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

TEST_CASE("The end of a render names file, length, seed and loudness, and says where it was interrupted") {
  CHECK(summary_line({"piece.flac", "7", 600.0, 4.2, true, -19.84}) ==
        "piece.flac: 10:00, seed 7, -19.8 LUFS, made in 4.2 s, 143 times real time");
  CHECK(summary_line({"piece.flac", "", 192.4, 2.0, false, 0.0}) ==
        "piece.flac: interrupted at 3:12, made in 2.0 s, 96 times real time");
}
