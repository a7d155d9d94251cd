// SPDX-License-Identifier: MIT
// Names in messages.
#include <doctest/doctest.h>

#include <array>

#include "base/text.h"

using namespace auralis;

TEST_CASE("A misspelt name finds the one that was meant, and nonsense finds none") {
  constexpr std::array<std::string_view, 3> names{"dorian", "ionian", "cutoff_hz"};
  CHECK(nearest_name("dorain", names) == "dorian");
  CHECK(nearest_name("cutof_hz", names) == "cutoff_hz");
  CHECK(nearest_name("zzzzzzzz", names).empty());
}

TEST_CASE("A message expects the nearest name, or all of them where none is near") {
  constexpr std::array<std::string_view, 2> names{"dorian", "ionian"};
  CHECK(expected_name("Dorian", names) == "dorian");
  CHECK(expected_name("zzzzzzzz", names) == "one of dorian, ionian");
}
