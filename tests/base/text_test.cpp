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

TEST_CASE("What a terminal would act on, and what is no UTF-8, is shown as an escape") {
  CHECK(printable("Dm9 · Gebläse 𝄞") == "Dm9 · Gebläse 𝄞");
  CHECK(printable("\x1b]0;owned\a\r\n\t\x7f") == R"(\x1b]0;owned\x07\x0d\x0a\x09\x7f)");
  CHECK(printable("\xc2\x9b"
                  "31m") == R"(\x9b31m)");  // CSI in one character
  CHECK(printable("a\xe2\x80\xae"
                  "b") == R"(a\u202eb)");  // writes on from right to left
  CHECK(printable("fl\xf6te") == R"(fl\xf6te)");
  CHECK(printable("\xc0\xaf\xed\xa0\x80\xe2\x82") ==
        R"(\xc0\xaf\xed\xa0\x80\xe2\x82)");  // overlong, surrogate, cut off
  CHECK(printable(std::string_view("\0", 1)) == R"(\x00)");
}

TEST_CASE("What is no UTF-8 becomes the replacement character, and the rest stays") {
  CHECK(valid_utf8("Gebläse \x1b") == "Gebläse \x1b");
  CHECK(valid_utf8("fl\xf6te\xe2\x82") == "fl\uFFFDte\uFFFD\uFFFD");
}

TEST_CASE("A text is cut between characters, never within one") {
  CHECK(first_bytes("Gebläse", 20) == "Gebläse");
  CHECK(first_bytes("Gebläse", 5) == "Gebl");
  CHECK(first_bytes("Gebläse", 6) == "Geblä");
  CHECK(first_bytes("a𝄞", 4) == "a");
  CHECK(first_bytes("\x80\x80\x80\x80\x80\x80\x80\x80", 6).size() == 3);  // no UTF-8 at all
  CHECK(first_bytes("", 0).empty());
}

TEST_CASE("Of several parts those that are known are joined") {
  CHECK(join_known({"focus", "D dorian", "seed 7"}, ", ") == "focus, D dorian, seed 7");
  CHECK(join_known({"", "D", ""}, " ") == "D");
  CHECK(join_known({}, ", ").empty());
}

TEST_CASE("A byte order mark is no part of a text that begins with it") {
  CHECK(without_byte_order_mark("\xef\xbb\xbf"
                                "Dm9") == "Dm9");
  CHECK(without_byte_order_mark("Dm9\xef\xbb\xbf") == "Dm9\xef\xbb\xbf");
  CHECK(without_byte_order_mark("\xef\xbb") == "\xef\xbb");
}

TEST_CASE("Brackets are counted where they are brackets") {
  CHECK_FALSE(nests_deeper(R"({"a":[[1]],"b":[[2]]})", 3));
  CHECK(nests_deeper(R"({"a":[[1]]})", 2));
  CHECK_FALSE(nests_deeper(R"(["[[[[{{{{", "\"[[[[\\"])", 1));
  CHECK_FALSE(nests_deeper("]]]]]][", 1));
  CHECK(nests_deeper("[[[[", 3));
}

TEST_CASE("A message expects the nearest name, or all of them where none is near") {
  constexpr std::array<std::string_view, 2> names{"dorian", "ionian"};
  CHECK(expected_name("Dorian", names) == "dorian");
  CHECK(expected_name("zzzzzzzz", names) == "one of dorian, ionian");
}
