// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "synth/fx/rig.h"

namespace auralis {
namespace {

using namespace test;
using P = MasterParam;

constexpr int rate = 44100;

}  // namespace

TEST_CASE("Cloud: half of the grains are transposed, by the interval asked, and nothing folds down") {
  for (float semitones : {12.0f, -12.0f, 24.0f}) {
    MasterPatch patch = plain_master();
    patch[P::cloud_pitch_st] = semitones;
    patch[P::cloud_density_hz] = 40;
    patch[P::cloud_size_ms] = 200;
    Rig rig(rate, patch);
    rig.run(6, sine(&Buses::cloud, 600, rate));
    const Stereo x = rig.run(20, sine(&Buses::cloud, 600, rate));
    constexpr size_t length = 1 << 19;
    const auto s = power_spectrum(x[0], 0, length);
    const auto band = [&](double hz) {
      double sum = 0;
      for (auto k = static_cast<size_t>((hz - 40) * length / rate);
           k < static_cast<size_t>((hz + 40) * length / rate); ++k)
        sum += s[k];
      return sum;
    };
    const double moved_hz = 600 * semitones_to_ratio(semitones);
    CAPTURE(semitones);
    CHECK(std::abs(10 * std::log10(band(moved_hz) / band(600))) < 3);
    CHECK(band(moved_hz) + band(600) > 1000 * band(1000));
    CHECK(std::abs(gain_to_db(rms(x[0]) * std::numbers::sqrt2 / 0.5)) < 3);
  }
  // 15 kHz transposed up two octaves would fold to 15.9 kHz, and far below it at other speeds.
  MasterPatch patch = plain_master();
  patch[P::cloud_pitch_st] = 24;
  Rig rig(rate, patch);
  rig.run(6, sine(&Buses::cloud, 15000, rate));
  const Stereo x = rig.run(10, sine(&Buses::cloud, 15000, rate));
  CHECK(gain_to_db(amplitude(x[0], 44100.0 * 2 - 60000, rate, 0, 10 * rate) /
                   amplitude(x[0], 15000, rate, 0, 10 * rate)) < -40);
}

TEST_CASE("Cloud: grains come as densely as asked, and last as long") {
  MasterPatch patch = plain_master();
  patch[P::cloud_density_hz] = 3;
  patch[P::cloud_size_ms] = 100;
  patch[P::cloud_pitch_st] = 0;
  Rig rig(rate, patch);
  rig.run(5, noise(&Buses::cloud, 0.5));
  const Stereo x = rig.run(100, noise(&Buses::cloud, 0.5));
  int grains = 0;
  int64_t sounding = 0;
  bool before = false;
  for (size_t n = 0; n + 441 < x[0].size(); n += 441) {
    const bool now = peak(x[0], n, n + 441) + peak(x[1], n, n + 441) > 0.02;
    grains += now && !before;
    sounding += now ? 1 : 0;
    before = now;
  }
  // Some grains touch, so fewer are seen; their soft ends are not.
  CHECK(grains / 100.0 == doctest::Approx(2.4).epsilon(0.2));
  CHECK(static_cast<double>(sounding) / 100 / 100 == doctest::Approx(3 * 0.1).epsilon(0.2));
}

TEST_CASE("Cloud: with an overlap of six a tone of the chord holds still, and is as strong as what goes in") {
  const auto envelope = [](float overlap, float semitones, double hz) {
    MasterPatch patch = plain_master();
    patch[P::cloud_overlap] = overlap;
    patch[P::cloud_pitch_st] = semitones;
    patch[P::cloud_density_hz] = 12;
    Rig rig(rate, patch);
    rig.control.tune_resonators(std::vector<double>{45, 57, 60, 64});
    rig.run(5, sine(&Buses::cloud, hz, rate));
    const Stereo x = rig.run(30, sine(&Buses::cloud, hz, rate));
    // The rms of 20 ms, of both sides, over time.
    std::vector<double> level;
    for (size_t n = 0; n + 882 < x[0].size(); n += 441)
      level.push_back(std::sqrt((power(x[0], n, n + 882) + power(x[1], n, n + 882)) / 2));
    double mean = 0;
    for (const double v : level) mean += v / static_cast<double>(level.size());
    double squares = 0;
    for (const double v : level) squares += (v - mean) * (v - mean) / static_cast<double>(level.size());
    // As the depth of a sine that would modulate as much.
    return std::pair{std::sqrt(2 * squares) / mean, gain_to_db(mean * std::numbers::sqrt2 / 0.5)};
  };
  CHECK(envelope(0, 0, 220).first > 0.5);
  for (const double pitch : {45.0, 57.0, 60.0, 64.0}) {
    for (const float semitones : {0.0F, 12.0F}) {
      const auto [depth, db] = envelope(6, semitones, midi_to_hz(pitch));
      CAPTURE(pitch);
      CAPTURE(semitones);
      CHECK(depth < 0.25);
      CHECK(std::abs(db) < 3);
    }
  }
}

}  // namespace auralis
