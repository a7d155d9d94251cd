// SPDX-License-Identifier: MIT
// Against a machine made of two numbers: what all else costs, and what a voice does, in seconds for a second of sound.
#include "render/shedding.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace auralis;

namespace {

constexpr int most = 256;

struct Machine {
  double fixed = 0.05;
  double voice = 0.01;
};

struct Play {
  Shedding shedding{most};
  int wanted = 60;  // voices, if all may sound
  std::vector<std::string> said{};
  double made_s = 0.0;
  double spent_s = 0.0;

  int voices() const { return std::min(wanted, shedding.limit()); }
  void play(const Machine& machine, double for_s, double block_s = 0.01) {
    made_s = spent_s = 0.0;
    while (made_s < for_s) {
      const double spent = block_s * (machine.fixed + machine.voice * voices());
      const auto decision = shedding.update(block_s, spent, voices());
      if (!decision.said.empty()) said.push_back(decision.said);
      made_s += block_s;
      spent_s += spent;
    }
  }
};

}  // namespace

TEST_CASE("A machine that keeps up sounds every voice and says nothing") {
  Play play;
  play.play({0.1, 0.01}, 60.0);
  CHECK(play.shedding.limit() == most);
  CHECK(play.said.empty());
}

TEST_CASE("One that is too slow sheds as few voices as it must, within two seconds, and says so once") {
  for (const double block_s : {0.005, 0.01, 0.186}) {
    Play play;
    play.play({0.05, 0.04}, 2.5, block_s);  // 2.45 s for a second
    play.play({0.05, 0.04}, 60.0, block_s);
    CHECK_MESSAGE(play.spent_s < 0.9 * play.made_s, block_s);
    CHECK_MESSAGE(play.voices() >= 10, block_s);
    CHECK(play.said.size() == 1);
  }
}

TEST_CASE("Where it is quick again all voices come back, which it says, too") {
  Play play;
  play.play({0.05, 0.04}, 20.0);
  CHECK(play.voices() < play.wanted);
  play.play({0.01, 0.001}, 40.0);
  CHECK(play.shedding.limit() == most);
  REQUIRE(play.said.size() == 2);
  CHECK(play.said[1] == "all voices sound again");
}

TEST_CASE("A moment in which the machine stood still costs no voice") {
  Play play;
  play.play({}, 5.0);
  for (const double stood_s : {0.5, 3.0, 3600.0}) {
    play.shedding.update(0.01, stood_s, play.voices());
    play.play({0.05, 0.005}, 5.0);
    CHECK(play.shedding.limit() == most);
  }
  CHECK(play.said.empty());
}

TEST_CASE("However slow, some voices sound, and no step takes more than a quarter of them") {
  Play play;
  int before = play.voices();
  for (int i = 0; i < 10'000; ++i) {
    play.shedding.update(0.01, 1.0, play.voices());
    CHECK(play.voices() >= static_cast<int>(0.75 * before));
    before = play.voices();
  }
  CHECK(play.voices() == 4);
}
