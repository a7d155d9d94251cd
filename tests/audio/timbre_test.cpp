// SPDX-License-Identifier: MIT
#include "audio/timbre.h"

#include <doctest/doctest.h>

#include <cmath>
#include <complex>
#include <functional>
#include <numbers>

#include "audio/movement.h"
#include "audio/signals.h"

using namespace auralis;

namespace {

constexpr int rate = 44100;
constexpr int frames = 4400;

// The band, 0 to 63, whose middle lies at a frequency.
double band_of(double hz) {
  const auto mel = [](double f) { return 2595.0 * std::log10(1.0 + f / 700.0); };
  return 65.0 * (mel(hz) - mel(40.0)) / (mel(16000.0) - mel(40.0)) - 1.0;
}

// Spectra, 40 a second, whose bands have the levels asked: a band is the wider the higher it lies.
Timbre timbre_of(int seconds, const std::function<double(double second, double band)>& level_db) {
  TimbreMeter meter(rate, frames);
  std::vector<float> power(frames / 2 + 1);
  for (int window = 0; window < seconds * windows_per_second; ++window) {
    for (size_t bin = 0; bin < power.size(); ++bin) {
      const double hz = static_cast<double>(bin) * rate / frames;
      const double db = level_db(static_cast<double>(window) / windows_per_second, band_of(hz));
      power[bin] = static_cast<float>(std::pow(10.0, db / 10.0) / (hz + 700.0));
    }
    meter.add(power);
  }
  return meter.figures();
}

bool odd(double second) { return static_cast<int>(second) % 2 == 1; }

}  // namespace

TEST_CASE("Half the bands up by 12 dB every other second is a movement of 6 dB") {
  const Timbre timbre =
      timbre_of(20, [](double second, double band) { return odd(second) && band > 31.5 ? 12.0 : 0.0; });
  CHECK(timbre.spectral_movement_db == doctest::Approx(6.0).epsilon(0.01));
}

TEST_CASE("Level alone is no movement, nor is silence, nor what lies 80 dB under the rest") {
  CHECK(timbre_of(20, [](double second, double) { return odd(second) ? 20.0 : 0.0; }).spectral_movement_db <
        0.02);
  CHECK(timbre_of(20, [](double second, double band) {
          return band > 50.0 ? (odd(second) ? -90.0 : -120.0) : 0.0;
        }).spectral_movement_db < 0.1);
  const Timbre silent = timbre_of(20, [](double, double) { return -100.0; });
  CHECK(std::isnan(silent.spectral_movement_db));
  CHECK(std::isnan(silent.mfcc_mean[0]));
  CHECK(std::isnan(silent.mfcc_spread[0]));
  CHECK(std::isnan(timbre_of(1, [](double, double) { return 0.0; }).spectral_movement_db));
}

TEST_CASE("A spectrum that is a cosine over the bands is one coefficient, whatever the level") {
  for (const double level_db : {0.0, -30.0}) {
    const Timbre timbre = timbre_of(4, [level_db](double, double band) {
      return level_db + 10.0 * std::cos(std::numbers::pi * 3.0 * (band + 0.5) / 64.0);
    });
    for (size_t k = 0; k < mfcc_count; ++k) {
      CAPTURE(k);
      // Coefficient 3 of one that begins to count at 1; √(64/2) times the depth.
      CHECK(std::abs(timbre.mfcc_mean[k] - (k == 2 ? 10.0 * std::sqrt(32.0) : 0.0)) < 1.0);
      CHECK(timbre.mfcc_spread[k] < 1e-3);
    }
  }
}

TEST_CASE("A coefficient that goes between two values has half their distance as spread") {
  const Timbre timbre = timbre_of(10, [](double second, double band) {
    return (odd(second) ? 9.0 : 3.0) * std::cos(std::numbers::pi * 2.0 * (band + 0.5) / 64.0);
  });
  CHECK(timbre.mfcc_mean[1] == doctest::Approx(6.0 * std::sqrt(32.0)).epsilon(0.02));
  CHECK(timbre.mfcc_spread[1] == doctest::Approx(3.0 * std::sqrt(32.0)).epsilon(0.02));
}

TEST_CASE("Noise that is dull every other second moves by what the filter does, noise that stays does not") {
  const std::vector<float> bright = test::noise(2 * 20 * rate, 0.3);
  std::vector<float> dull(bright);
  for (size_t i = 2; i < dull.size(); ++i) dull[i] = 0.98f * dull[i - 2] + 0.02f * bright[i];
  std::vector<float> both(bright);
  for (size_t i = 0; i < both.size(); ++i) {
    if (odd(static_cast<double>(i / 2) / rate)) both[i] = 0.5f * bright[i] + 0.5f * dull[i];
  }
  const auto movement_of = [](const std::vector<float>& sound) {
    MovementMeter meter(rate, 2);
    meter.add(sound);
    return meter.figures().timbre.spectral_movement_db;
  };
  CHECK(movement_of(bright) < 1.0);
  CHECK(movement_of(dull) < 1.2);

  double sum = 0.0;
  double squares = 0.0;
  for (int band = 0; band < 64; ++band) {
    double hz = 40.0;
    while (band_of(hz) < band) hz += 1.0;
    const std::complex<double> before = std::polar(1.0, -2.0 * std::numbers::pi * hz / rate);
    const double db = 10.0 * std::log10(std::norm(0.5 + 0.5 * 0.02 / (1.0 - 0.98 * before)));
    sum += db;
    squares += db * db;
  }
  const double filter_db = std::sqrt(squares / 64.0 - std::pow(sum / 64.0, 2));
  // Windows at the borders hold something of both.
  CHECK(movement_of(both) == doctest::Approx(filter_db).epsilon(0.15));
}
