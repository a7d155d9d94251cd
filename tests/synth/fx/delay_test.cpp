// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <numbers>

#include "synth/fx/rig.h"

namespace auralis {
namespace {

using namespace test;
using P = MasterParam;

constexpr int rate = 44100;

}  // namespace

TEST_CASE("Delay: each side's tap comes at its own time, and its repeats cross to the other side") {
  MasterPatch patch = plain_master();
  patch[P::delay_left_s] = 0.3f;
  patch[P::delay_right_s] = 0.5f;
  patch[P::delay_feedback] = 0.8f;
  patch[P::delay_low_hz] = 20;
  patch[P::delay_high_hz] = 20000;
  // Into the left alone: left at 0.3, right at 0.3 + 0.5, left again at 0.3 + 0.5 + 0.3.
  const Stereo x = Rig(rate, patch).run(2, impulse(&Buses::delay, 1, 0));
  CHECK(peak_at(x[0], 0, 25000) == 13230);
  CHECK(peak_at(x[1], 0, x[1].size()) == doctest::Approx(0.8 * rate).epsilon(0.0002));
  CHECK(peak_at(x[0], 20000, x[0].size()) == doctest::Approx(1.1 * rate).epsilon(0.0002));
  CHECK(peak(x[1], 0, 30000) < 0.01);
  CHECK(x[0][13230] == doctest::Approx(1).epsilon(0.01));
}

TEST_CASE("Delay: repeats fall by the feedback, and lose what lies outside its band") {
  MasterPatch patch = plain_master();
  patch[P::delay_left_s] = patch[P::delay_right_s] = 0.5f;
  patch[P::delay_feedback] = 0.7f;
  patch[P::delay_low_hz] = 200;
  patch[P::delay_high_hz] = 3000;
  // Bursts of one frequency: how much the second repeat is below the first.
  const auto fall = [&](double hz) {
    Rig rig(rate, patch);
    const Stereo x = rig.run(2, [&](int64_t frame, Buses& buses) {
      if (frame < 16384) sine(&Buses::delay, hz, rate)(frame, buses);
    });
    const auto start = static_cast<size_t>(0.5 * rate);
    return amplitude(x[0], hz, rate, 2 * start + 4096, 2 * start + 12288) /
           amplitude(x[0], hz, rate, start + 4096, start + 12288);
  };
  CHECK(fall(800) == doctest::Approx(0.7).epsilon(0.06));
  CHECK(fall(200) == doctest::Approx(0.7 / std::numbers::sqrt2).epsilon(0.05));
  CHECK(fall(3000) == doctest::Approx(0.7 / std::numbers::sqrt2).epsilon(0.08));
  CHECK(fall(50) < 0.2);
  CHECK(fall(12000) < 0.25);
}

TEST_CASE("Delay: stays bounded at the greatest feedback, depth and rate of modulation") {
  for (float time : {0.02f, 0.2f, 1.0f}) {  // a fifth of a second is the period of the modulation
    MasterPatch patch = plain_master();
    patch[P::delay_left_s] = patch[P::delay_right_s] = time;
    patch[P::delay_feedback] = 0.95f;
    patch[P::delay_low_hz] = 20;
    patch[P::delay_high_hz] = 20000;
    patch[P::delay_mod_hz] = 5;
    patch[P::delay_mod_ms] = 20;
    Rig rig(rate, patch);
    rig.run(40, noise(&Buses::delay, 0.1));
    const double settled = rms(rig.run(10, noise(&Buses::delay, 0.1))[0]);
    rig.run(40, noise(&Buses::delay, 0.1));
    CAPTURE(time);
    CHECK(rms(rig.run(10, noise(&Buses::delay, 0.1))[0]) < 1.3 * settled);
    CHECK(settled < 1);
  }
}

}  // namespace auralis
