// SPDX-License-Identifier: MIT
// Scala's files: scales (.scl) and keyboard mappings (.kbm).
//   taken    all that Scala's own description calls valid: comments, blank descriptions, ratios, whole numbers and cents, also
//            negative ones, text behind a value, any order of tones, scales of none, lines behind the last; any line ends, a
//            byte order mark, descriptions in any encoding
//   errors   Error{bad_input, "FILE:LINE: what, expected what"}
//   source   https://www.huygens-fokker.org/scala/scl_format.html, and help.htm#mappings there
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "model/tuning.h"

namespace auralis {

inline constexpr size_t most_scale_bytes = size_t{1} << 20;
inline constexpr size_t most_degrees = 16384;  // of a scale, and of a map
inline constexpr double greatest_cents = 1e5;  // of a degree, either way: 83 octaves

// file stands for FILE in messages. The tuning has no name yet.
Tuning parse_scl(std::string_view text, const std::string& file);
KeyMap parse_kbm(std::string_view text, const std::string& file);

// What is wrong with a map for a scale, or nothing: a reference key that is silent.
std::string key_map_fault(const KeyMap& map);

}  // namespace auralis
