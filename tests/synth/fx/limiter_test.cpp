// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <ebur128.h>

#include <functional>
#include <string>
#include <vector>

#include "synth/fx/rig.h"

namespace auralis {
namespace {

using namespace test;
using P = MasterParam;
using Wave = std::function<double(int64_t frame, int side)>;

struct LimiterRig {
  explicit LimiterRig(int rate_hz, float ceiling_db = -1, Isa isa = best_isa())
      : rate(rate_hz), patch(default_master_patch()), control(rate_hz), limiter(rate_hz, isa) {
    patch[P::ceiling_db] = ceiling_db;
  }

  Stereo run(double seconds, const Wave& wave) {
    return collect(frame, seconds, rate, [&](int64_t at, StereoQuantum& out) {
      alignas(64) StereoQuantum in;
      for (int side = 0; side < 2; ++side) {
        for (int n = 0; n < quantum_frames; ++n) in[side][n] = static_cast<float>(wave(at + n, side));
      }
      control.advance(patch, at);
      limiter.process(in, control.frame().limiter, out);
    });
  }

  int rate;
  MasterPatch patch;
  EffectsControl control;
  Limiter limiter;
  int64_t frame = 0;
};

// True peak by libebur128, which has an interpolator of its own.
double true_peak_db(const Stereo& x, int rate) {
  ebur128_state* state = ebur128_init(2, static_cast<unsigned long>(rate), EBUR128_MODE_TRUE_PEAK);
  std::vector<float> interleaved(2 * x[0].size());
  for (size_t n = 0; n < x[0].size(); ++n) {
    for (size_t side = 0; side < 2; ++side) interleaved[2 * n + side] = x[side][n];
  }
  ebur128_add_frames_float(state, interleaved.data(), x[0].size());
  double most = 0;
  for (unsigned side = 0; side < 2; ++side) {
    double peak = 0;
    ebur128_true_peak(state, side, &peak);
    most = std::max(most, peak);
  }
  ebur128_destroy(&state);
  return gain_to_db(most);
}

double hash_noise(int64_t frame, int side) {
  uint64_t state = static_cast<uint64_t>(2 * frame + side) * 0x9e3779b97f4a7c15u;
  return 2 * (static_cast<double>(splitmix64(state) >> 11) * 0x1.0p-53) - 1;
}

double tone(double cycles) { return std::sin(2 * std::numbers::pi * (cycles - std::floor(cycles))); }

struct Case {
  std::string name;
  Wave wave;
};

std::vector<Case> worst_cases() {
  return {
      {"a quarter of the rate, 45 degrees off the samples",
       [](int64_t n, int) { return 1.41 * tone(0.25 * static_cast<double>(n) + 0.125); }},
      {"an eighth of the rate, bursts",
       [](int64_t n, int) {
         return (n / 700) % 3 == 0 ? 2 * tone(0.125 * static_cast<double>(n) + 0.06)
                                   : 0.1 * tone(0.01 * static_cast<double>(n));
       }},
      {"0.45 of the rate",
       [](int64_t n, int side) { return 1.3 * tone(0.45 * static_cast<double>(n) + 0.1 * side); }},
      {"steps", [](int64_t n, int side) { return (n / (300 + 50 * side)) % 2 ? 1.5 : -1.5; }},
      {"full-scale noise", hash_noise},
      {"noise 20 dB over", [](int64_t n, int side) { return 10 * hash_noise(n, side); }},
      {"noise in bursts 20 dB over",
       [](int64_t n, int side) { return ((n / 997) % 4 == 0 ? 10 : 0.2) * hash_noise(n, side); }},
      {"single impulses", [](int64_t n, int side) { return n % (1009 + side) == 500 ? 8.0 : 0.0; }},
      {"a bass 20 dB over", [](int64_t n, int) { return 10 * tone(50.0 / 44100 * static_cast<double>(n)); }},
      {"random signs", [](int64_t n, int side) { return hash_noise(n, side) > 0 ? 1.0 : -1.0; }},
      {"a sweep 12 dB over",
       [](int64_t n, int) {
         const double t = static_cast<double>(n) / 44100;
         return 4 * tone(100 * t + 2500 * t * t);
       }},
  };
}

}  // namespace

TEST_CASE("True peak, measured by libebur128, never passes the ceiling") {
  double worst_db = -100;
  for (int rate : {44100, 48000, 96000}) {
    for (float ceiling : {-1.0f, -0.1f, -12.0f}) {
      for (const Case& c : worst_cases()) {
        LimiterRig rig(rate, ceiling);
        const double found = true_peak_db(rig.run(4, c.wave), rate);
        CAPTURE(rate);
        CAPTURE(c.name);
        CHECK(found <= ceiling);
        worst_db = std::max(worst_db, found - ceiling);
      }
    }
  }
  CHECK(worst_db > -0.1);  // and does not stay far below it either
}

TEST_CASE("Below the ceiling the limiter is a delay of its look-ahead, bit for bit") {
  for (int rate : {44100, 96000}) {
    LimiterRig rig(rate);
    const Wave wave = [](int64_t n, int side) { return 0.3 * hash_noise(n, side); };
    const Stereo x = rig.run(1, wave);
    const int lookahead = rig.limiter.lookahead_frames();
    CHECK(lookahead % quantum_frames == 0);
    size_t wrong = 0;
    for (size_t n = static_cast<size_t>(lookahead); n < x[0].size(); ++n) {
      for (int side = 0; side < 2; ++side) {
        wrong += x[static_cast<size_t>(side)][n] !=
                 static_cast<float>(wave(static_cast<int64_t>(n) - lookahead, side));
      }
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE(
    "After an overload the limiter is a plain delay again, and recovers within a time constant of 100 to 300 "
    "ms") {
  LimiterRig rig(44100);
  const auto level = [](int64_t n) { return n < 44100 ? 4.0 : 0.4; };
  const Wave wave = [&](int64_t n, int) { return level(n) * tone(1000.0 / 44100 * static_cast<double>(n)); };
  const Stereo x = rig.run(6, wave);
  const auto gain_db = [&](double t_s) {
    const auto from = static_cast<size_t>(t_s * 44100);
    return gain_to_db(amplitude(x[0], 1000, 44100, from, from + 882) / 0.4);
  };
  const double reduction_db = gain_to_db(0.891 / 4);
  double time_constant_s = 0;
  for (double t = 1.02; t < 2; t += 0.005) {
    // The gain itself recovers exponentially: at one time constant, 63 % of the way back to 1.
    if (time_constant_s == 0 && db_to_gain(gain_db(t)) > 1 - (1 - db_to_gain(reduction_db)) / std::numbers::e)
      time_constant_s = t - 1;
  }
  CHECK(time_constant_s > 0.1);
  CHECK(time_constant_s < 0.3);
  size_t wrong = 0;
  for (size_t n = 4 * 44100; n < x[0].size(); ++n) {
    wrong += x[0][n] != static_cast<float>(wave(static_cast<int64_t>(n) - rig.limiter.lookahead_frames(), 0));
  }
  CHECK(wrong == 0);
}

TEST_CASE("Both sides get the same gain") {
  LimiterRig rig(44100);
  const Stereo x = rig.run(2, [](int64_t n, int side) {
    return (side == 0 ? 4 : 0.4) * tone(440.0 / 44100 * static_cast<double>(n));
  });
  double worst = 0;
  for (size_t n = 44100; n < x[0].size(); ++n)
    worst = std::max(worst, std::abs(static_cast<double>(x[0][n]) - 10.0 * x[1][n]));
  CHECK(worst < 1e-5);
}

TEST_CASE(
    "A tone far over the ceiling keeps its shape: distortion below -100 dB from 100 Hz, -35 dB at 40 Hz") {
  const auto distortion_db = [](double hz) {
    LimiterRig rig(44100);
    const Stereo x =
        rig.run(3, [&](int64_t n, int) { return 3 * tone(hz / 44100 * static_cast<double>(n)); });
    double harmonics = 0;
    for (int h = 2; h < 40; ++h) harmonics += std::pow(amplitude(x[0], hz * h, 44100, 44100, 3 * 44100), 2);
    return gain_to_db(std::sqrt(harmonics) / amplitude(x[0], hz, 44100, 44100, 3 * 44100));
  };
  CHECK(distortion_db(100) < -100);
  const double bass_db = distortion_db(40);
  MESSAGE("40 Hz, 10 dB over: " << bass_db << " dB");
  CHECK(bass_db < -35);
}

TEST_CASE("Reduction begins and ends without a click") {
  LimiterRig rig(44100);
  // A burst of 20 dB over a steady tone: away from 200 Hz and its neighbourhood there is next to nothing.
  const Stereo x = rig.run(2, [](int64_t n, int) {
    const double t = static_cast<double>(n) / 44100;
    const double swell = std::exp(-std::pow((t - 1) / 0.05, 2));
    return (0.3 + 5 * swell) * tone(200 * t);
  });
  double second = 0, first = 0;
  for (size_t n = 4000; n < x[0].size(); ++n) {
    first = std::max(first, std::abs(static_cast<double>(x[0][n]) - x[0][n - 1]));
    second = std::max(second, std::abs(static_cast<double>(x[0][n]) - 2.0 * x[0][n - 1] + x[0][n - 2]));
  }
  const double w = 2 * std::numbers::pi * 200 / 44100;
  CHECK(first < 1.2 * w);
  CHECK(second < 1.5 * w * w);
}

}  // namespace auralis
