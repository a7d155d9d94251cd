// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <vector>

#include "render/held_notes.h"

using namespace auralis;

TEST_CASE("Held are the notes whose time is not up") {
  HeldNotes held;
  held.add({.t = 0.0, .id = 1, .layer = "pad", .dur = 10.0});
  held.add({.t = 1.0, .id = 2, .layer = "lead", .dur = 1.0});
  held.add({.t = 1.5, .id = 3, .layer = "lead", .dur = 1.0});
  CHECK(held.at(1.5) == std::vector<uint64_t>{2, 3, 1});
  CHECK(held.at(2.0) == std::vector<uint64_t>{3, 1});  // a note ends with its last moment
  CHECK(held.at(9.99) == std::vector<uint64_t>{1});
  CHECK(held.at(10.0).empty());
  held.add({.t = 20.0, .id = 4, .layer = "pad", .dur = 1.0});
  CHECK(held.at(0.0) == std::vector<uint64_t>{4});  // what ended before is forgotten
}
