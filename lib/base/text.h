// SPDX-License-Identifier: MIT
// Texts of messages: lists of names, lengths of time, the first line of a long one, and texts from outside made safe.
#pragma once

#include <cstddef>
#include <initializer_list>
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

// The parts that are not empty, with the separator between them.
std::string join_known(std::initializer_list<std::string_view> parts, std::string_view separator);

// Up to the first line feed.
std::string first_line(std::string_view text);

// One line for a terminal, of text from anywhere: what a terminal would act on (control characters, line feeds too, and
// those that turn the direction of writing) and what is not UTF-8 is shown as \x1b or \u202e.
std::string printable(std::string_view text);

// Its first bytes, at most so many, without half a character at the end.
std::string_view first_bytes(std::string_view text, size_t most);

// For JSON: what is not UTF-8 becomes U+FFFD.
std::string valid_utf8(std::string_view text);

// A text without the byte order mark (U+FEFF) that some editors write before it.
std::string_view without_byte_order_mark(std::string_view text);

// Whether brackets and braces of a JSON text, right or wrong, stand deeper than `levels` in each other.
bool nests_deeper(std::string_view json, int levels);

}  // namespace auralis
