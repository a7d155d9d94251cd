// SPDX-License-Identifier: MIT
#include "audio/measure.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "audio/pcm.h"
#include "audio/signals.h"
#include "model/units.h"

using namespace auralis;

namespace {

constexpr int rate = 44100;

AudioFigures measure(const std::vector<float>& frames, int channels = 2, size_t block = 999) {
  AudioMeter meter(rate, channels);
  const size_t step = block * static_cast<size_t>(channels);
  for (size_t at = 0; at < frames.size(); at += step) {
    meter.add(std::span(frames).subspan(at, std::min(step, frames.size() - at)));
  }
  return meter.figures();
}

// What ambient music is made of: a low saw through a low-pass of 12 dB an octave, a chord of sines, a bell
// with an attack of one millisecond every two seconds, soft noise, all of it dithered to s16.
std::vector<float> music(double seconds, double saw_hz = 36.7, double cutoff_hz = 1000.0) {
  const auto frames = static_cast<size_t>(seconds * rate);
  std::vector<float> out(frames * 2);
  Rng rng(9);
  float white = 0.0f;
  float brown = 0.0f;
  for (size_t i = 0; i < frames; ++i) {
    const double t = static_cast<double>(i) / rate;
    const auto turn = [&](double hz) { return std::sin(2.0 * std::numbers::pi * hz * t); };
    double x = 0.0;
    for (int k = 1; k * saw_hz < 18000.0; ++k) {
      x += 0.1 * turn(k * saw_hz) / k / (1.0 + std::pow(k * saw_hz / cutoff_hz, 2));
    }
    for (const double hz : {220.0, 277.2, 329.6, 415.3}) x += 0.04 * turn(hz) * (0.6 + 0.4 * turn(0.1));
    const double since = std::fmod(t, 2.0);
    x += 0.15 * std::min(1.0, since / 0.001) * std::exp(-3.0 * since) *
         std::sin(2.0 * std::numbers::pi * 1318.5 * since +
                  1.5 * std::sin(2.0 * std::numbers::pi * 3700.0 * since));
    white = 0.8f * white + static_cast<float>(0.2 * 0.03 * rng.normal());
    brown = 0.8f * brown + 0.2f * white;
    out[2 * i] = static_cast<float>(x) + brown;
    out[2 * i + 1] = static_cast<float>(x) - 0.5f * brown;
  }
  std::string bytes;
  append_pcm(out, SampleFormat::s16, bytes, 0);
  decode_pcm(bytes, SampleFormat::s16, out.data());
  return out;
}

}  // namespace

TEST_CASE("A sine measures as theory says") {
  // BS.1770: 0 dBFS at 997 Hz in both channels reads −0.691 + 10·log10(2·1/2) + 0.691 = 0 LUFS.
  std::vector<float> frames = test::sine(997, 0.1, 20);
  for (size_t i = 0; i < 882; ++i)
    frames[i] *= static_cast<float>(i) / 882.0f;  // a sudden beginning has its own peak
  const AudioFigures figures = measure(frames);
  CHECK(figures.duration_s == doctest::Approx(20.0));
  CHECK(figures.integrated_lufs == doctest::Approx(-20.0).epsilon(0.002));
  CHECK(figures.loudness_range_lu < 0.1);
  CHECK(figures.sample_peak_dbfs == doctest::Approx(-20.0).epsilon(0.001));
  CHECK(figures.true_peak_dbtp == doctest::Approx(-20.0).epsilon(0.01));
  CHECK(figures.rms_dbfs == doctest::Approx(-23.01).epsilon(0.001));
  CHECK(std::abs(figures.correlation) < 0.001);  // a quarter turn apart
  CHECK(figures.clicks_s.empty());
  CHECK(figures.balance.third_octaves[17].db == doctest::Approx(0.0).epsilon(0.001));
  CHECK(std::abs(figures.phone_loss_lu) < 0.01);
  CHECK(figures.movement.timbre.spectral_movement_db < 0.05);
  CHECK(figures.movement.envelopes.back().level_db == 0.0);
  for (const BandLevel& band : figures.bands) {
    if (band.name == "melody") {
      CHECK(band.rms_dbfs == doctest::Approx(-23.01).epsilon(0.001));
    } else {
      CHECK(band.rms_dbfs < -70.0);
    }
  }
}

TEST_CASE("The true peak lies between the samples where the wave does") {
  std::vector<float> frames(2 * rate);
  for (size_t i = 0; i < frames.size(); ++i) {
    frames[i] = static_cast<float>(
        std::sin(std::numbers::pi / 2.0 * static_cast<double>(i / 2) + std::numbers::pi / 4.0));
  }
  const AudioFigures figures = measure(frames);
  CHECK(figures.sample_peak_dbfs == doctest::Approx(-3.01).epsilon(0.01));
  CHECK(figures.true_peak_dbtp == doctest::Approx(0.0).epsilon(0.3));
}

TEST_CASE("DC is the mean of the worse channel") {
  std::vector<float> frames = test::sine(441, 0.5, 2);
  for (size_t i = 1; i < frames.size(); i += 2) frames[i] += 0.001f;
  CHECK(measure(frames).dc_dbfs == doctest::Approx(-60.0).epsilon(0.001));
}

TEST_CASE(
    "Correlation is 1 for the same on both sides, −1 for the opposite, and the worst ten seconds are found") {
  std::vector<float> frames = test::sine(441, 0.5, 30);
  for (size_t i = 0; i < frames.size(); i += 2) {
    const bool opposite = i / 2 >= 10 * rate && i / 2 < 20 * rate;
    frames[i + 1] = opposite ? -frames[i] : frames[i];
  }
  const AudioFigures figures = measure(frames);
  CHECK(figures.correlation == doctest::Approx(1.0 / 3.0).epsilon(0.001));
  CHECK(figures.lowest_correlation == doctest::Approx(-1.0).epsilon(0.001));
  CHECK(measure(std::vector<float>(1000, 0.1f), 1).correlation == 1.0);
}

TEST_CASE("Every click in music is found where it is") {
  const std::vector<float> clean = music(12);
  // Where the wave is high, so that a break in it is one.
  const auto middle = clean.begin() + 2 * 5 * rate;
  const auto at = (std::max_element(middle, middle + 4410) - clean.begin()) / 2 * 2;
  const auto clicks_with = [&](const auto& damage) {
    std::vector<float> frames = clean;
    damage(frames, frames.begin() + at);
    return measure(frames).clicks_s;
  };
  const auto found = [&](const auto& damage) {
    const std::vector<double> clicks = clicks_with(damage);
    return clicks.size() == 1 && std::abs(clicks[0] - static_cast<double>(at / 2) / rate) < 0.002;
  };
  CHECK(found([](auto&, auto here) { *here += 0.03f; }));
  CHECK(found([](auto& frames, auto here) {
    for (; here < frames.end(); here += 2) *here -= 0.03f;  // a step in one channel
  }));
  CHECK(found([](auto& frames, auto here) { frames.erase(here, here + 2 * 441); }));   // 10 ms cut out
  CHECK(found([](auto& frames, auto here) { std::fill(here, frames.end(), 0.0f); }));  // cut off
  const auto in_and_out =
      clicks_with([](auto&, auto here) { std::fill(here, here + 2 * 2205, 0.0f); });  // 50 ms lost
  CHECK(in_and_out.size() == 2);
}

TEST_CASE("Music without a fault has no clicks, down to the lowest saw") {
  CHECK(measure(music(12)).clicks_s.empty());
  CHECK(measure(music(12, 30.0)).clicks_s.empty());
  CHECK(measure(music(12, 30.0, 1e9)).clicks_s.empty());  // not filtered at all
  CHECK(measure(test::noise(2 * 5 * rate, 0.3)).clicks_s.empty());
  std::vector<float> burst(2 * rate, 0.0f);
  const std::vector<float> brush = test::noise(2 * rate, 0.2);
  burst.insert(burst.end(), brush.begin(), brush.end());
  CHECK(measure(burst).clicks_s.empty());  // noise that begins at once
}

TEST_CASE("A piece that moves by 6 LU between its minutes measures so, whatever the blocks") {
  std::vector<float> frames;
  for (const double level : {0.1, 0.1 * db_to_gain(6.0), 0.1 * db_to_gain(-40.0)}) {
    const double seconds = level < 0.05 ? 20.0 : 60.0;  // what is left of a minute does not count
    for (double n = 0.0; n < seconds * rate; ++n) {
      frames.push_back(static_cast<float>(level * std::sin(2.0 * std::numbers::pi * 997.0 * n / rate)));
    }
  }
  for (const size_t block : {size_t{1000}, frames.size()}) {
    const AudioFigures figures = measure(frames, 1, block);
    REQUIRE(figures.minutes_lufs.size() == 2);
    CHECK(figures.minutes_lufs[0] ==
          doctest::Approx(-23.0).epsilon(0.005));  // the standard's sine, of one channel
    CHECK(figures.minutes_range_lu == doctest::Approx(6.0).epsilon(0.01));
  }
}

TEST_CASE("Silence has no level, and no clicks") {
  const AudioFigures figures = measure(std::vector<float>(2 * rate, 0.0f));
  CHECK(figures.integrated_lufs == -HUGE_VAL);
  CHECK(figures.sample_peak_dbfs == -HUGE_VAL);
  CHECK(figures.dc_dbfs == -HUGE_VAL);
  CHECK(figures.correlation == 1.0);
  CHECK(figures.clicks_s.empty());
  CHECK(std::isnan(figures.phone_loss_lu));
}

TEST_CASE("Block sizes do not change a figure") {
  const std::vector<float> frames = music(3);
  const AudioFigures whole = measure(frames, 2, frames.size());
  const AudioFigures pieces = measure(frames, 2, 64);
  CHECK(whole.rms_dbfs == pieces.rms_dbfs);
  CHECK(whole.integrated_lufs == pieces.integrated_lufs);
  CHECK(whole.bands[3].rms_dbfs == pieces.bands[3].rms_dbfs);
  CHECK(whole.correlation == pieces.correlation);
  CHECK(whole.phone_loss_lu == pieces.phone_loss_lu);
  CHECK(whole.balance.slope_db_per_octave == pieces.balance.slope_db_per_octave);
  CHECK(whole.balance.stereo[1].correlation == pieces.balance.stereo[1].correlation);
  CHECK(whole.movement.timbre.spectral_movement_db == pieces.movement.timbre.spectral_movement_db);
  CHECK(whole.movement.timbre.mfcc_mean == pieces.movement.timbre.mfcc_mean);
  CHECK(whole.movement.envelopes[3].level_db == pieces.movement.envelopes[3].level_db);
}
