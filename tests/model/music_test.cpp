// SPDX-License-Identifier: MIT
// Names of keys and modes.
#include <doctest/doctest.h>

#include <string>

#include "model/music.h"

using namespace auralis;

TEST_CASE("Every key name is read, and named back as itself or as its usual equal") {
  for (int pc = 0; pc < 12; ++pc) CHECK(key_pitch_class(key_name(pc)) == pc);
  CHECK(key_pitch_class("C#") == key_pitch_class("Db"));
  CHECK(key_pitch_class("Cb") == 11);
  CHECK(key_pitch_class("E#") == 5);
  for (const char* bad : {"", "H", "c", "Dbb", "D ", "Fs"}) CHECK_FALSE(key_pitch_class(bad));
}

TEST_CASE("Every mode starts at its tonic and ascends within an octave") {
  CHECK(mode_names().size() == modes().size());
  for (const Mode& mode : modes()) {
    CHECK(find_mode(mode.name) == &mode);
    CHECK(mode.steps[0] == 0);
    for (size_t i = 1; i < mode.steps.size(); ++i) CHECK(mode.steps[i] > mode.steps[i - 1]);
    CHECK(mode.steps.back() < 12);
  }
  CHECK(find_mode("bebop") == nullptr);
}
