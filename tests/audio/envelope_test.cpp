// SPDX-License-Identifier: MIT
#include "audio/envelope.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <random>

#include "audio/movement.h"
#include "audio/signals.h"

using namespace auralis;

namespace {

constexpr int rate = 44100;
constexpr double windows_hz = rate / 1100.0;
constexpr double bin_hz = windows_hz / 1604.0;  // of 40 s

double sine_of(double hz, double t) { return std::sin(2.0 * std::numbers::pi * hz * t); }

// A band whose level, as amplitude, is a function of the second.
Envelope track_of(double seconds, const std::function<double(double)>& level) {
  EnvelopeTrack track(windows_hz);
  for (double n = 0.0; n < seconds * windows_hz; n += 1.0) track.add(std::pow(level(n / windows_hz), 2));
  Envelope envelope{};
  track.measure(envelope);
  return envelope;
}

// A tone of 700 Hz, its amplitude modulated; the octave from 500 Hz.
Envelope tremolo(double hz, double depth, double seconds = 90.0) {
  std::vector<float> sound(static_cast<size_t>(seconds * rate));
  for (size_t i = 0; i < sound.size(); ++i) {
    const double t = static_cast<double>(i) / rate;
    sound[i] = static_cast<float>(0.3 * sine_of(700.0, t) * (1.0 + depth * sine_of(hz, t)));
  }
  MovementMeter meter(rate, 1);
  meter.add(sound);
  const std::vector<Envelope> all = meter.figures().envelopes;
  REQUIRE(all.size() == 10);
  CHECK(all[4].low_hz == 500.0);
  CHECK(std::abs(all[4].level_db) < 0.01);
  CHECK(all[2].level_db < -50.0);
  return all[4];
}

}  // namespace

TEST_CASE("A tremolo has its rate, its depth and its rms, less what the windows take") {
  const Envelope slow = tremolo(60 * bin_hz, 0.5);
  CHECK(slow.largest_am_hz == doctest::Approx(60 * bin_hz));
  CHECK(slow.largest_am_percent == doctest::Approx(49.5).epsilon(0.01));
  CHECK(slow.am_percent == doctest::Approx(49.5 / std::numbers::sqrt2).epsilon(0.01));
  CHECK(tremolo(200 * bin_hz, 0.2).largest_am_percent == doctest::Approx(20.0 * 0.905).epsilon(0.01));
  CHECK(tremolo(400 * bin_hz, 0.2).largest_am_percent == doctest::Approx(20.0 * 0.67).epsilon(0.02));
  CHECK(tremolo(1.5, 0.0).am_percent < 0.2);
}

TEST_CASE("Two tones that beat are a modulation at the distance between them") {
  std::vector<float> sound(2 * 90 * rate);
  for (size_t i = 0; i < sound.size(); i += 2) {
    const double t = static_cast<double>(i) / 2.0 / rate;
    sound[i] = static_cast<float>(0.2 * sine_of(300.0, t) + 0.1 * sine_of(300.0 + 40 * bin_hz, t));
  }
  MovementMeter meter(rate, 2);
  meter.add(sound);
  const Envelope octave = meter.figures().envelopes[3];
  CHECK(octave.low_hz == 250.0);
  CHECK(octave.largest_am_hz == doctest::Approx(40 * bin_hz));
  // |1 + e^jφ/2| is 1.063 on average, and its first harmonic 0.484.
  CHECK(octave.largest_am_percent == doctest::Approx(45.5).epsilon(0.01));
}

TEST_CASE("A beat is a line, however much noise swings beside it; noise alone has none") {
  // Noise from 0 to about 1 Hz, as slow movement is.
  const auto noise_and = [](double depth) {
    std::mt19937 chance(7);
    std::normal_distribution<double> draw(0.0, 1.0);
    double slow = 0.0, slower = 0.0;
    return track_of(180.0, [&, depth](double t) {
      slow += 0.1 * (draw(chance) - slow);
      slower += 0.1 * (slow - slower);
      return std::max(0.05, 1.0 + 2.0 * slower + depth * sine_of(53 * bin_hz, t));
    });
  };
  const Envelope noise = noise_and(0.0);
  CHECK(noise.largest_am_percent > 8.0);
  CHECK(noise.line_am_percent == 0.0);
  CHECK(std::isnan(noise.line_am_hz));
  const Envelope beat = noise_and(0.3);
  CHECK(beat.line_am_hz == doctest::Approx(53 * bin_hz));
  CHECK(beat.line_am_percent == doctest::Approx(30.0).epsilon(0.15));
}

TEST_CASE("A modulation that drifts has no large bin") {
  // The same depth at a rate that wanders from 1 to 2 Hz and back in 37 s.
  const auto drifting = [](double t) {
    const double turns =
        1.5 * t - 0.5 * 37.0 / (2.0 * std::numbers::pi) * std::cos(2.0 * std::numbers::pi * t / 37.0);
    return 1.0 + 0.3 * std::sin(2.0 * std::numbers::pi * turns);
  };
  const Envelope envelope = track_of(400, drifting);
  CHECK(envelope.am_percent == doctest::Approx(30.0 / std::numbers::sqrt2).epsilon(0.02));
  CHECK(envelope.largest_am_percent < 12.0);
}

TEST_CASE("A level that comes back every eleven seconds is found, also under a slow arc and noise") {
  Rng rng(3);
  const auto machine = [&rng](double t) {
    return 1.0 + 0.3 * sine_of(1.0 / 11.0, t) + 0.2 * sine_of(1.0 / 800.0, t) + 0.05 * rng.normal();
  };
  const Envelope envelope = track_of(400, machine);
  CHECK(envelope.period_correlation > 0.6);
  CHECK(envelope.period_s == doctest::Approx(11.0).epsilon(0.02));
}

TEST_CASE("What drifts, rises or stays never comes back") {
  Rng rng(5);
  double walk = 0.0;
  const auto drift = [&](double) {
    walk = 0.99 * walk + 0.1 * rng.normal();  // forgets within 2.5 s
    return std::exp(0.4 * walk);
  };
  CHECK(track_of(3600, drift).period_correlation < 0.1);
  const Envelope rising = track_of(600, [](double t) { return 1.0 + t; });
  CHECK(rising.period_correlation < 1e-6);
  CHECK(std::isnan(rising.period_s));
  CHECK(track_of(600, [](double) { return 0.5; }).period_correlation == 0.0);
}

TEST_CASE("Too short a piece, and silence, tell nothing") {
  const Envelope brief = track_of(39, [](double) { return 0.5; });
  CHECK(std::isnan(brief.am_percent));
  CHECK(brief.period_correlation == 0.0);
  CHECK(std::isnan(track_of(5, [](double) { return 0.5; }).period_correlation));
  const Envelope silent = track_of(100, [](double) { return 0.0; });
  CHECK(std::isnan(silent.am_percent));
  CHECK(std::isnan(silent.period_correlation));
}

TEST_CASE("The autocorrelation is that of its definition, whatever has left the memory") {
  Rng rng(1);
  std::vector<double> x(200);
  for (double& value : x) value = 3.0 + rng.normal();
  Autocorrelation streamed(20);
  for (const double value : x) streamed.add(value);
  const std::vector<double> r = streamed.figures();
  REQUIRE(r.size() == 21);
  double mean = 0.0;
  for (const double value : x) mean += value / 200.0;
  const auto product = [&](size_t lag) {
    double sum = 0.0;
    for (size_t i = lag; i < x.size(); ++i) sum += (x[i] - mean) * (x[i - lag] - mean);
    return sum / static_cast<double>(x.size() - lag);
  };
  for (const size_t lag : {0, 1, 7, 20}) CHECK(r[lag] == doctest::Approx(product(lag) / product(0)));
}
