// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>

#include "synth/fx/rig.h"

namespace auralis {
namespace {

using namespace test;
using P = MasterParam;

constexpr int rate = 44100;
constexpr size_t second = rate;

// Noise whose sides have a correlation of 0.7, as many mixes have.
void mixed(int64_t frame, Buses& buses) {
  Buses apart{};
  noise(&Buses::dry, 0.3)(frame, apart);
  const float common = std::sqrt(0.7F / 0.3F);
  Buses shared{};
  noise(&Buses::dry, 0.3, 99)(frame, shared);
  for (int side = 0; side < 2; ++side) {
    for (int n = 0; n < quantum_frames; ++n)
      buses.dry[side][n] += 0.4F * (apart.dry[side][n] + common * shared.dry[0][n]);
  }
}

Stereo band(const Stereo& x, double hz) { return {octave_band(x[0], hz, rate), octave_band(x[1], hz, rate)}; }

}  // namespace

TEST_CASE("Width: below the crossover the sides agree, above they part, and mono loses less than 2 dB") {
  MasterPatch patch = plain_master();
  Rig plain(rate, patch);
  patch[P::width_mono_hz] = 160;
  patch[P::width_db] = 3.5F;
  Rig wide(rate, patch);
  const Stereo before = plain.run(8, mixed);
  const Stereo after = wide.run(8, mixed);
  CHECK(correlation(band(before, 60), second, 8 * second) < 0.8);
  CHECK(correlation(band(after, 60), second, 8 * second) > 0.95);
  for (const double hz : {700.0, 1400.0, 2800.0}) {
    CAPTURE(hz);
    CHECK(correlation(band(before, hz), second, 8 * second) == doctest::Approx(0.7).epsilon(0.05));
    const double now = correlation(band(after, hz), second, 8 * second);
    CHECK(now > 0.3);
    CHECK(now < 0.55);
  }
  Signal mono(after[0]);
  for (size_t n = 0; n < mono.size(); ++n) mono[n] = 0.5F * (after[0][n] + after[1][n]);
  const double stereo_power = 0.5 * (power(after[0], second) + power(after[1], second));
  CHECK(power_to_db(power(mono, second) / stereo_power) > -2);
}

TEST_CASE("Width: what a mono speaker plays stays as it is, and the lowest setting is mono") {
  MasterPatch patch = plain_master();
  Rig plain(rate, patch);
  patch[P::width_mono_hz] = 200;
  patch[P::width_db] = 9;
  Rig wide(rate, patch);
  patch[P::width_db] = -60;
  Rig narrow(rate, patch);
  const Stereo a = plain.run(2, mixed);
  const Stereo b = wide.run(2, mixed);
  const Stereo c = narrow.run(2, mixed);
  for (size_t n = 0; n < a[0].size(); ++n) {
    CHECK_MESSAGE(std::abs((a[0][n] + a[1][n]) - (b[0][n] + b[1][n])) < 1e-6, n);
    CHECK_MESSAGE(std::abs(c[0][n] - c[1][n]) < 1e-6, n);
  }
}

}  // namespace auralis
