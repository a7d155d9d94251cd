// SPDX-License-Identifier: MIT
// A small piece for the tests of a render.
#pragma once

#include <string>

namespace auralis::test {

inline constexpr const char* start_line =
    R"({"type":"start","auralis":1,"seed":"7","preset":"test","key":"D","mode":"dorian","bpm":60,"intensity":0.5,"version":"0"})"
    "\n";

// A pad and a lead note each half second.
inline std::string notes(int seconds) {
  std::string lines = start_line;
  for (int i = 0; i < 2 * seconds; ++i) {
    lines += R"({"type":"note","t":)" + std::to_string(i / 2) + (i % 2 == 0 ? ".0" : ".5") + R"(,"id":)" +
             std::to_string(i) + R"(,"layer":")" + (i % 2 == 0 ? "pad" : "lead") + R"(","pitch":)" +
             std::to_string(50 + i * 5 % 24) +
             R"(,"vel":0.6,"dur":0.8})"
             "\n";
  }
  return lines;
}

inline std::string piece(int seconds) {
  return notes(seconds) + R"({"type":"end","t":)" + std::to_string(seconds) + "}\n";
}

}  // namespace auralis::test
