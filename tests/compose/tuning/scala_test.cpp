// SPDX-License-Identifier: MIT
#include "compose/tuning/scala.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "refusal.h"

using namespace auralis;
using test::check_begins;

namespace {

std::vector<double> cents(const std::string& text) { return parse_scl(text, "x.scl").cents; }

std::string scl_refusal(const std::string& text) {
  return test::refusal([&] { parse_scl(text, "x.scl"); });
}
std::string kbm_refusal(const std::string& text) {
  return test::refusal([&] { parse_kbm(text, "x.kbm"); });
}

std::string scale(const std::string& tone) { return "one tone\n1\n" + tone + "\n"; }

double only(const std::string& tone) {
  const auto all = cents(scale(tone));
  REQUIRE(all.size() == 1);
  return all[0];
}

const std::string meantone =
    "! meanquar.scl\n!\n1/4-comma meantone scale. Pietro Aaron's temperament (1523)\n 12\n!\n 76.04900\n"
    " 193.15686\n 310.26471\n 5/4\n 503.42157\n 579.47057\n 696.57843\n 25/16\n 889.73529\n 1006.84314\n"
    " 1082.89214\n 2/1\n";

}  // namespace

TEST_CASE("A scale of the archive is read to a thousandth of a cent") {
  const auto all = cents(meantone);
  REQUIRE(all.size() == 12);
  CHECK(all[0] == 76.049);
  CHECK(std::abs(all[3] - 386.313714) < 1e-6);
  CHECK(std::abs(all[7] - 772.627428) < 1e-6);
  CHECK(all[11] == 1200.0);
}

TEST_CASE("Ratios, whole numbers and cents are told apart by the point, as Scala does") {
  CHECK(std::abs(only("3/2") - 701.955001) < 1e-6);
  CHECK(only("2") == 1200.0);
  CHECK(only("2.") == 2.0);
  CHECK(only("100.0") == 100.0);
  CHECK(only(".5") == 0.5);
  CHECK(only("-5.0") == -5.0);
  CHECK(only("+5.0") == 5.0);
  CHECK(only("1/2") == -1200.0);
  CHECK(std::abs(only("408") - 10406.910) < 0.01);
  CHECK(only("10/20") == -1200.0);
}

TEST_CASE("What stands behind a value is ignored, before it and between lines blanks may stand") {
  CHECK(only("   81/64   a Pythagorean third") == only("81/64"));
  CHECK(only("\t100.0 cents") == 100.0);
  CHECK(only("100.0 C#") == 100.0);
  CHECK(only("5/4   E\\") == only("5/4"));
  CHECK(only("  2/1 ! octave") == 1200.0);
  CHECK(only("\n! a comment between\n2/1") == 1200.0);
  CHECK(cents("text\n 2 tones\n3/2\n2/1\nwhat follows is nobody's\n7 7 7\n").size() == 2);
}

TEST_CASE("A blank description, comments anywhere, every line end and a byte order mark are read") {
  CHECK(cents("\n1\n2/1\n").size() == 1);
  CHECK(cents("! first\n\n!second\n1\n! third\n2/1").size() == 1);
  CHECK(cents("crlf\r\n2\r\n3/2\r\n2/1\r\n") == cents("crlf\n2\n3/2\n2/1\n"));
  CHECK(cents("cr\r2\r3/2\r2/1\r") == cents("cr\n2\n3/2\n2/1\n"));
  CHECK(cents("\xEF\xBB\xBF! bom\ntext\n1\n2/1\n").size() == 1);
  CHECK(cents("Gamme tempérée in Latin-1: \xE9\xE8\n1\n2/1\n").size() == 1);
}

TEST_CASE("A scale may have no tones, go down, repeat and exceed the octave") {
  CHECK(cents("nothing\n0\n").empty());
  CHECK(degree_cents(parse_scl("nothing\n0\n", "x.scl"), 17) == 0.0);
  const Tuning wild = parse_scl("wild\n4\n700.0\n-50.0\n700.0\n3/1\n", "x.scl");
  CHECK(degree_cents(wild, 2) == -50.0);
  CHECK(std::abs(degree_cents(wild, 4) - 1901.955) < 1e-3);
  CHECK(std::abs(degree_cents(wild, -2) - (-50.0 - 1901.955)) < 1e-3);
}

TEST_CASE("Numbers of any length keep a hundred-thousandth of a cent") {
  // Thirty-one fifths up, octaves taken away.
  CHECK(std::abs(only("617673396283947/562949953421312") - (31 * 701.9550008654 - 18 * 1200.0)) < 1e-5);
  CHECK(std::abs(only("150094635296999121/144115188075855872") - 70.3800) < 1e-3);
  CHECK(std::abs(only("100000000000000000000000000000000/50000000000000000000000000000000") - 1200.0) < 1e-9);
}

TEST_CASE("What is no scale is refused with its line, and what was expected") {
  check_begins(scl_refusal(""), "x.scl:1: an empty file");
  check_begins(scl_refusal("text\n"), "x.scl:2: the file ends, expected the number of tones");
  check_begins(scl_refusal("text\ntwelve\n"), "x.scl:2: \"twelve\", expected the number of tones");
  check_begins(scl_refusal("text\n-1\n"), "x.scl:2: \"-1\", expected");
  check_begins(scl_refusal("text\n99999999\n"), "x.scl:2: \"99999999\", expected");
  check_begins(scl_refusal("text\n2\n3/2\n"), "x.scl:4: the file ends after 1 tones, expected 2");
  for (const char* tone :
       {"-3/2", "3/0", "0/1", "0", "fifth", "3:2", "1e3", "nan.", "inf.", "3/2/1", "$3.5", ".", "5.5.5"})
    check_begins(scl_refusal(scale(tone)), "x.scl:3: ");
  check_begins(scl_refusal(scale("200000.0")), "x.scl:3: \"200000.0\" is 200000 cents, expected");
  check_begins(scl_refusal(scale("\x1b[31m")), "x.scl:3: \"\\x1b[31m\" is no tone");
}

TEST_CASE("A keyboard mapping is read with comments, silent keys and a short list") {
  const KeyMap map = parse_kbm(
      "! white keys\n12\n0\n127\n60\n69\n440.0 ! A\n7\n0\nx\n1\nx\n2\n3\nx\n4\nx\n5\nx\n6\n", "x.kbm");
  CHECK(map.degrees.size() == 12);
  CHECK(!map.degrees[1]);
  CHECK(map.degrees[11] == 6);
  CHECK(map.octave_degree == 7);
  CHECK(map.reference_hz == 440.0);
  const KeyMap linear = parse_kbm("0\r\n0\r\n127\r\n60\r\n60\r\n261.625565\r\n0\r\n", "x.kbm");
  CHECK(linear.degrees.empty());
  const KeyMap short_list = parse_kbm("3\n0\n127\n60\n60\n261.6\n12\n0\n", "x.kbm");
  REQUIRE(short_list.degrees.size() == 3);
  CHECK(!short_list.degrees[2]);
}

TEST_CASE("What is no mapping is refused with its line") {
  check_begins(kbm_refusal(""), "x.kbm:1: the file ends, expected the size of the map");
  check_begins(kbm_refusal("12\n0\n128\n"), "x.kbm:3: \"128\", expected the last key to tune, 0 to 127");
  check_begins(kbm_refusal("0\n0\n127\n60\n69\n-440\n0\n"), "x.kbm:6: \"-440\", expected the frequency");
  check_begins(kbm_refusal("2\n0\n127\n60\n60\n440.0\n2\n0\ny\n"), "x.kbm:9: \"y\", expected a degree");
  check_begins(kbm_refusal("2\n0\n127\n60\n61\n440.0\n2\n0\nx\n"),
               "x.kbm:9: key 61, whose frequency is given, is silent");
}
