// SPDX-License-Identifier: MIT
#include "audio/balance.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "audio/signals.h"

using namespace auralis;

namespace {

constexpr int rate = 44100;

Balance measure(const std::vector<float>& frames, int channels = 2, int at_rate = rate, size_t block = 4096) {
  BalanceMeter meter(at_rate, channels);
  const size_t step = block * static_cast<size_t>(channels);
  for (size_t at = 0; at < frames.size(); at += step)
    meter.add(std::span(frames).subspan(at, std::min(step, frames.size() - at)));
  return meter.figures();
}

std::vector<float> sum(std::vector<float> a, const std::vector<float>& b) {
  std::ranges::transform(a, b, a.begin(), std::plus<>());
  return a;
}

}  // namespace

TEST_CASE("A tone lies in its own third octave, and nowhere else") {
  const Balance balance = measure(test::sine(1000, 0.5, 5));
  REQUIRE(balance.third_octaves.size() == 31);
  for (const ThirdOctave& third : balance.third_octaves) {
    CAPTURE(third.mid_hz);
    if (std::abs(third.mid_hz - 1000.0) < 1.0) {
      CHECK(third.db == doctest::Approx(0.0).epsilon(0.001));
    } else {
      CHECK(third.db < -60.0);
    }
  }
  CHECK(balance.presence_db < -60.0);
  CHECK(balance.air_db < -60.0);
  CHECK(balance.below_50_hz_percent < 0.001);
}

TEST_CASE("Energy below 50 Hz is a share of the whole, on either side of the edge") {
  // 0.1² / (0.1² + 0.3²) is a tenth.
  CHECK(measure(sum(test::sine(47, 0.1, 5), test::sine(1000, 0.3, 5))).below_50_hz_percent ==
        doctest::Approx(10.0).epsilon(0.001));
  CHECK(measure(sum(test::sine(53, 0.1, 5), test::sine(1000, 0.3, 5))).below_50_hz_percent < 0.01);
}

TEST_CASE(
    "White noise is flat and its bands are as strong as they are wide; brown noise falls by 6 dB an octave") {
  const std::vector<float> white = test::noise(2 * 30 * rate, 0.5);
  const Balance flat = measure(white);
  CHECK(std::abs(flat.slope_db_per_octave) < 0.05);
  CHECK(std::abs(flat.treble_slope_db_per_octave) < 0.05);
  CHECK(flat.presence_db == doctest::Approx(10.0 * std::log10(3000.0 / 22050.0)).epsilon(0.005));
  CHECK(flat.air_db == doctest::Approx(10.0 * std::log10(12050.0 / 22050.0)).epsilon(0.01));

  std::vector<float> brown(white);
  for (size_t i = 2; i < brown.size(); ++i) brown[i] = 0.999f * brown[i - 2] + 0.01f * white[i];
  CHECK(measure(brown).slope_db_per_octave == doctest::Approx(-6.02).epsilon(0.02));
}

TEST_CASE("Width is measured by band: the same bass, a middle of strangers") {
  // 60 Hz alike on both sides; 1 kHz a quarter turn apart, half as strong.
  std::vector<float> bass = test::sine(60, 0.4, 10);
  for (size_t i = 0; i < bass.size(); i += 2) bass[i + 1] = bass[i];
  const Balance balance = measure(sum(bass, test::sine(1000, 0.2, 10)));
  const auto& [low, middle, all] = balance.stereo;
  CHECK(low.correlation == doctest::Approx(1.0).epsilon(0.001));
  CHECK(std::abs(low.mono_loss_db) < 0.01);
  CHECK(std::abs(middle.correlation) < 0.001);
  CHECK(middle.mono_loss_db == doctest::Approx(3.01).epsilon(0.001));
  CHECK(all.correlation == doctest::Approx(0.8).epsilon(0.001));  // 0.4² / (0.4² + 0.2²)
  CHECK(all.mono_loss_db == doctest::Approx(-10.0 * std::log10(0.9)).epsilon(0.001));
}

TEST_CASE("The opposite on both sides is lost in mono, one channel loses nothing") {
  std::vector<float> frames = test::sine(1000, 0.5, 3);
  for (size_t i = 0; i < frames.size(); i += 2) frames[i + 1] = -frames[i];
  CHECK(measure(frames).stereo[1].correlation == doctest::Approx(-1.0));
  CHECK(measure(frames).stereo[1].mono_loss_db > 60.0);

  const Balance one = measure(test::noise(3 * rate, 0.5), 1);
  for (const StereoBand& band : one.stereo) {
    CHECK(band.correlation == doctest::Approx(1.0));
    CHECK(std::abs(band.mono_loss_db) < 1e-6);
  }
}

TEST_CASE("Where nothing sounds, too little does, or the rate has no such band, nothing is claimed") {
  for (const Balance& none :
       {measure(std::vector<float>(4 * rate, 0.0f)), measure(test::sine(440, 0.5, 0.5))}) {
    CHECK(std::isnan(none.third_octaves[15].db));
    CHECK(std::isnan(none.slope_db_per_octave));
    CHECK(std::isnan(none.below_50_hz_percent));
    CHECK(std::isnan(none.stereo[2].correlation));
  }
  const Balance narrow = measure(test::noise(8000 * 6, 0.5), 1, 8000);
  CHECK(std::isnan(narrow.air_db));
  CHECK(std::isnan(narrow.treble_slope_db_per_octave));
  CHECK(std::isfinite(narrow.third_octaves[20].db));
  CHECK(std::isnan(narrow.third_octaves[25].db));  // 6.3 kHz
}
