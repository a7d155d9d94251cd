// SPDX-License-Identifier: MIT
#include "serve/piece_clock.h"

#include <doctest/doctest.h>

namespace auralis {

constexpr int rate = 44100;

TEST_CASE("A piece that began with the input has its seconds there") {
  PieceClock clock;
  CHECK(clock.input_frame_of(2.5, 3.0, 3 * rate, rate) == 5 * rate / 2);
}

TEST_CASE("A piece that began anew at one of several places began at the one that its clock fits") {
  PieceClock clock;
  clock.may_start_at(60 * rate);
  clock.may_start_at(90 * rate);
  // Twelve seconds of the new piece are out, and 100 of the input have been read: it did not begin at 90.
  clock.restart();
  CHECK(clock.input_frame_of(12.0, 12.0, 101 * rate, rate) == 102 * rate);
}

TEST_CASE("Once a place is known, a renderer that lags for a moment does not move it") {
  PieceClock clock;
  CHECK(clock.input_frame_of(1.0, 1.0, rate, rate) == rate);
  clock.may_start_at(5 * rate);
  CHECK(clock.input_frame_of(9.0, 9.0, 4 * rate, rate) == 9 * rate);
}

TEST_CASE("Where no place fits, the latest of all guesses is the best") {
  PieceClock clock;
  CHECK(clock.input_frame_of(110.0, 110.0, 5 * rate, rate) == 5 * rate);
  CHECK(clock.input_frame_of(112.0, 112.0, 8 * rate, rate) == 8 * rate);
  CHECK(clock.input_frame_of(113.0, 113.0, 8 * rate, rate) == 9 * rate);
}

}  // namespace auralis
