// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>

#include "synth/fx/rig.h"

namespace auralis {
namespace {

using namespace test;
using P = MasterParam;

constexpr int rate = 44100;

}  // namespace

TEST_CASE(
    "Chorus: what passes through it keeps its level and gains width, with no tone in time with the quanta") {
  MasterPatch patch = default_master_patch();
  const Feed mono = [](int64_t frame, Buses& buses) {
    noise(&Buses::chorus, 0.5)(frame, buses);
    std::copy_n(buses.chorus[0], quantum_frames, buses.chorus[1]);
  };
  const Stereo x = Rig(rate, patch).run(8, mono);
  CHECK(std::abs(gain_to_db(rms(x[0], rate) * std::sqrt(3.0) / 0.5)) < 1);
  const double c = correlation(x, rate, 8 * rate);
  CHECK(c > 0.2);
  CHECK(c < 0.8);

  patch[P::chorus_depth_ms] = 10;
  patch[P::chorus_hz] = 5;
  const Stereo y = Rig(rate, patch).run(4, sine(&Buses::chorus, 300, rate));
  for (int side_band : {-1, 1}) {  // steps between quanta would mirror the tone about multiples of 689 Hz
    for (int k = 2; k < 8; ++k) {
      CHECK(gain_to_db(amplitude(y[0], k * 44100.0 / 64 + side_band * 300, rate, rate, 3 * rate)) < -90);
    }
  }
}

TEST_CASE("Chorus: the voices move at the rate and by the depth that were asked") {
  MasterPatch patch = default_master_patch();
  patch[P::chorus_hz] = 0.5f;
  patch[P::chorus_depth_ms] = 8;
  // Impulses every 50 ms: the delay of the first voice after each.
  Rig rig(rate, patch);
  constexpr int spacing = 2240;
  const Stereo x = rig.run(4, [](int64_t frame, Buses& buses) {
    if (frame % spacing == 0) buses.chorus[0][0] = 1;
  });
  double least = 1e9, most = 0;
  for (size_t at = 0; at + spacing < x[0].size(); at += spacing) {
    for (size_t n = at + 100; n < at + spacing; ++n) {
      if (std::abs(x[0][n]) < 0.2f) continue;
      least = std::min(least, static_cast<double>(n - at));
      most = std::max(most, static_cast<double>(n - at));
    }
  }
  // Voices lie 6 and 9.5 ms behind, and move by twice the depth.
  CHECK(least / rate * 1000 == doctest::Approx(6).epsilon(0.03));
  CHECK(most / rate * 1000 == doctest::Approx(9.5 + 16).epsilon(0.03));
}

}  // namespace auralis
