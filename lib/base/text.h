// SPDX-License-Identifier: MIT
// Texts of messages: lists of names, lengths of time, the first line of a long one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace auralis {

// The nearest of the candidates by edit distance, for "did you mean"; empty where none is near.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates);

// "a, b, c"
std::string join_names(std::span<const std::string_view> names);

// What a message expects instead of a name: "NEAREST", or where none is near "one of a, b, c".
std::string expected_name(std::string_view name, std::span<const std::string_view> candidates);

// "62:05": minutes and whole seconds.
std::string minutes_and_seconds(double seconds);

// Up to the first line feed.
std::string first_line(std::string_view text);

}  // namespace auralis
