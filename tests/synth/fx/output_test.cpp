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

TEST_CASE("The dry sound passes unchanged above the DC block, which takes a constant out to below -80 dB") {
  Rig rig(rate);
  const Stereo tone = rig.run(4, sine(&Buses::dry, 30, rate));
  CHECK(gain_to_db(amplitude(tone[0], 30, rate, 2 * rate, 4 * rate) / 0.5) ==
        doctest::Approx(0).epsilon(0.1));
  const Feed constant = [](int64_t, Buses& buses) {
    std::fill_n(&buses.dry[0][0], 2 * quantum_frames, 0.5f);
  };
  rig.run(1, constant);
  const Stereo x = rig.run(1, constant);
  CHECK(gain_to_db(rms(x[0]) / 0.5) < -80);
}

TEST_CASE("Gain is the level of the whole mix, and its lowest setting is silence") {
  MasterPatch patch = plain_master();
  patch[P::gain_db] = -20;
  CHECK(gain_to_db(rms(Rig(rate, patch).run(1, sine(&Buses::dry, 1000, rate))[0]) * std::numbers::sqrt2 /
                   0.5) == doctest::Approx(-20).epsilon(0.01));
  patch[P::gain_db] = -60;
  CHECK(peak(Rig(rate, patch).run(1, sine(&Buses::dry, 1000, rate))[0]) == 0);
}

}  // namespace auralis
