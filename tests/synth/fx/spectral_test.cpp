// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "synth/fx/rig.h"

namespace auralis {
namespace {

using namespace test;
using P = MasterParam;

constexpr int rate = 44100;
constexpr size_t second = rate;

MasterPatch smearing(float seconds) {
  MasterPatch patch = plain_master();
  patch[P::spectral_level] = 1;
  patch[P::spectral_to_reverb] = 0;
  patch[P::spectral_smear_s] = seconds;
  return patch;
}

double loudness_db(const Stereo& x, size_t from, size_t to) {
  return power_to_db((power(x[0], from, to) + power(x[1], from, to)) / 2);
}

}  // namespace

TEST_CASE("Spectral: a steady sound is as strong in the smear as in the send, tone or noise, for any time") {
  for (const float seconds : {0.5F, 4.0F, 15.0F}) {
    CAPTURE(seconds);
    Rig tone(rate, smearing(seconds));
    tone.run(2 + seconds, sine(&Buses::spectral, 441.7, rate));
    const Stereo x = tone.run(60, sine(&Buses::spectral, 441.7, rate));
    CHECK(std::abs(loudness_db(x, 0, 60 * second) - power_to_db(0.125)) < 1.5);
    Rig air(rate, smearing(seconds));
    air.run(2 + seconds, noise(&Buses::spectral, 0.5));
    const Stereo y = air.run(10, noise(&Buses::spectral, 0.5));
    CHECK(std::abs(loudness_db(y, 0, 10 * second) - power_to_db(0.25 / 3)) < 1);
  }
}

TEST_CASE("Spectral: what went in dies away within the time asked") {
  for (const float seconds : {4.0F, 10.0F}) {
    Rig rig(rate, smearing(seconds));
    const Stereo x = rig.run(1.2 * seconds, [](int64_t frame, Buses& buses) {
      if (frame < rate / 5) noise(&Buses::spectral, 0.5)(frame, buses);
    });
    const Signal tail(x[0].begin() + static_cast<std::ptrdiff_t>(second), x[0].end());
    CHECK(decay_s(tail, rate) == doctest::Approx(seconds).epsilon(0.1));
  }
}

TEST_CASE(
    "Spectral: a freeze holds level and spectrum for minutes, without a click and without repeating itself") {
  Rig rig(rate, smearing(3));
  const Feed sound =
      everywhere({sine(&Buses::spectral, 220, rate, 0.3), sine(&Buses::spectral, 733, rate, 0.1)});
  const Stereo before = rig.run(4, sound);
  rig.patch[P::spectral_freeze] = 1;
  const Stereo during = rig.run(2, sound);
  const Stereo held = rig.run(240, silence);
  const double at_first = loudness_db(held, 2 * second, 32 * second);
  CHECK(std::abs(loudness_db(held, 205 * second, 235 * second) - at_first) < 1);
  for (const double hz : {220.0, 733.0}) {
    const auto share = [&](size_t from) {
      const std::vector<double> s = power_spectrum(held[0], from, 1 << 21);
      double in = 0;
      double all = 0;
      for (size_t k = 1; k < s.size(); ++k) {
        const double at = static_cast<double>(k) * rate / (1 << 21);
        all += s[k];
        if (std::abs(at - hz) < 12) in += s[k];
      }
      return power_to_db(in / all);
    };
    CHECK(std::abs(share(2 * second) - share(185 * second)) < 1.5);
  }
  // Above both tones there is nothing, unless something clicks.
  for (const Stereo* x : {&before, &during, &held}) {
    CHECK(gain_to_db(peak(octave_band((*x)[0], 12000, rate), second) / peak((*x)[0])) < -70);
  }
  // It does not come back in phase with itself: the correlation with what was one frame of the transform before.
  for (const size_t lag : {4096U, 8192U, 16384U, 32768U}) {
    double sum = 0;
    for (size_t n = 2 * second; n < 202 * second; ++n)
      sum += static_cast<double>(held[0][n]) * held[0][n + lag];
    const double phase = std::cos(2 * std::numbers::pi * 220 * static_cast<double>(lag) / rate);
    CAPTURE(lag);
    CAPTURE(phase);
    if (lag >= 16384) CHECK(std::abs(sum / (200 * second) / power(held[0], 2 * second, 202 * second)) < 0.15);
  }
  rig.patch[P::spectral_freeze] = 0;
  rig.run(12, silence);
  const Stereo after = rig.run(1, silence);
  CHECK(peak(after[0]) == 0);
}

TEST_CASE("Spectral: the sides keep what they have in common, and copies go on alike") {
  Rig rig(rate, smearing(4));
  rig.run(3, sine(&Buses::spectral, 500, rate));
  Rig copy(rig);
  const Stereo x = rig.run(3, sine(&Buses::spectral, 500, rate));
  CHECK(x == copy.run(3, sine(&Buses::spectral, 500, rate)));
  CHECK(correlation(x, 0, 3 * second) > 0.999);
}

}  // namespace auralis
