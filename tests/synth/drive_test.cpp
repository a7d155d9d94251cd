// SPDX-License-Identifier: MIT
// Saturation before and after the filter, 12 to 24 dB an octave, a filter that rings by itself, and phase modulation that
// gives way to pitch.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

#include "model/units.h"
#include "synth/simd/drive.h"
#include "synth/spectrum.h"
#include "synth/voices.h"

using namespace auralis;
using namespace auralis::testing;

namespace {

using enum VoiceParam;

Patch tone(float shape) {
  Patch patch = still_patch();
  patch[osc1_shape] = shape;
  return patch;
}

// The greatest line that is no multiple of hz, below the fundamental.
double worst_alias_db(const Patch& patch, double hz) {
  constexpr size_t window = 1 << 16;
  const Sounding sound = play_note(patch, note_at(pitch_of(hz)), window + 8192);
  const std::vector<double> bins = spectrum(sound.left.data() + 8192, window);
  const double bin_hz = static_cast<double>(test_rate) / window;
  double worst = 0.0;
  for (size_t b = 9; b < bins.size(); ++b) {
    const double at = static_cast<double>(b) * bin_hz;
    if (std::abs(at - std::max(1.0, std::round(at / hz)) * hz) > 8.0 * bin_hz)
      worst = std::max(worst, bins[b]);
  }
  const auto fundamental = static_cast<std::ptrdiff_t>(std::lround(hz / bin_hz));
  return gain_to_db(worst /
                    *std::max_element(bins.begin() + fundamental - 8, bins.begin() + fundamental + 9));
}

double line(const std::vector<float>& x, double hz) { return std::abs(sine_at(x, hz, 24000, 16000)); }

// The frequency of a steady sine, from how far it turns in a quarter of a second.
double frequency_of(const std::vector<float>& x, double near_hz, size_t from) {
  constexpr size_t window = 8192;
  double hz = near_hz;
  for (int i = 0; i < 3; ++i) {
    const size_t apart = i == 0 ? 256 : 11025;
    const double turned =
        std::arg(sine_at(x, hz, from + apart, window) / sine_at(x, hz, from, window)) / (2.0 * M_PI);
    hz += turned * test_rate / static_cast<double>(apart);
  }
  return hz;
}

// A filter alone: all its oscillators are silent.
Patch ringing(double cutoff) {
  Patch patch = still_patch();
  patch[osc1_level] = 0.0F;
  patch[filter_shape] = 0.0F;
  patch[resonance] = 1.0F;
  patch[self_oscillation] = 1.0F;
  patch[cutoff_hz] = static_cast<float>(cutoff);
  return patch;
}

}  // namespace

TEST_CASE("A drive of 0 is its input to the bit, and a soft sound keeps its treble in a hard one") {
  using namespace baseline;
  DriveState state{{F{} + 0.2F, F{} + 0.1F}, F{} + 0.3F, F{} + 1.0F};
  const F off = drive(state, F{} + 0.7F, F{});
  CHECK(off[0] == 0.7F);
  Patch patch = tone(0.0F);
  const double open = line(play_note(patch, note_at(pitch_of(15000.0)), 44100).left, 15000.0);
  patch[osc1_level] = 0.001F;
  patch[pre_drive] = 1.0F;
  const double makeup = std::sqrt(1.0 + 4.0);
  const double driven = line(play_note(patch, note_at(pitch_of(15000.0)), 44100).left, 15000.0);
  CHECK(gain_to_db(driven / (0.001 * makeup * open)) == doctest::Approx(0.0).epsilon(0.05));
}

TEST_CASE("Drive gives a sine odd partials that grow with it, and little more level") {
  for (const VoiceParam where : {pre_drive, post_drive}) {
    double before = 0.0;
    for (const float amount : {0.2F, 0.4F, 0.7F, 1.0F}) {
      Patch patch = tone(0.0F);
      patch[osc1_level] = 0.5F;
      const double clean = line(play_note(patch, note_at(pitch_of(220.0)), 44100).left, 220.0);
      patch[where] = amount;
      const std::vector<float> sound = play_note(patch, note_at(pitch_of(220.0)), 44100).left;
      const double first = line(sound, 220.0);
      const double third = line(sound, 660.0) / first;
      CAPTURE(amount);
      CHECK(third > before * 1.1);
      CHECK(line(sound, 440.0) / first < 1e-3);
      CHECK(std::abs(gain_to_db(first / clean)) < 3.0);
      before = third;
    }
    CHECK(before > 0.1);
  }
}

TEST_CASE(
    "No alias of a driven sound is above -60 dB of its fundamental up to 2 kHz, not of a saw at full drive "
    "either") {
  for (const double hz : {220.5, 997.0, 1499.0, 1990.0}) {
    for (const VoiceParam where : {pre_drive, post_drive}) {
      for (const auto& [shape, amount] : {std::pair(0.0F, 0.2F),
                                          {0.0F, 0.4F},
                                          {0.0F, 1.0F},
                                          {1.0F, 0.2F},
                                          {1.0F, 1.0F},
                                          {2.0F, 0.1F},
                                          {2.0F, 0.4F},
                                          {2.0F, 1.0F},
                                          {3.0F, 0.7F}}) {
        Patch patch = tone(shape);
        patch[osc1_level] = 0.5F;
        patch[where] = amount;
        CAPTURE(hz);
        CAPTURE(shape);
        CAPTURE(amount);
        CAPTURE(where == pre_drive);
        CHECK(worst_alias_db(patch, hz) < -60.0);
      }
    }
    Patch dark = tone(2.0F);
    dark[filter_shape] = 0.0F;
    dark[cutoff_hz] = 2000.0F;
    dark[filter_slope_db] = 24.0F;
    dark[post_drive] = 1.0F;
    CHECK(worst_alias_db(dark, hz) < -60.0);
  }
}

TEST_CASE("The filter falls by 12 dB an octave, by 24, or between, and passes the same far below") {
  const auto gain = [](float slope, double hz, float shape, double cutoff) {
    Patch patch = tone(0.0F);
    const double open = line(play_note(patch, note_at(pitch_of(hz)), 44100).left, hz);
    patch[filter_shape] = shape;
    patch[cutoff_hz] = static_cast<float>(cutoff);
    patch[resonance] = 0.075F;
    patch[filter_slope_db] = slope;
    return line(play_note(patch, note_at(pitch_of(hz)), 44100).left, hz) / open;
  };
  for (const auto& [shape, cutoff, near, far, passed] :
       {std::tuple(0.0F, 250.0, 2000.0, 4000.0, 60.0), {2.0F, 4000.0, 500.0, 250.0, 15000.0}}) {
    const double shallow = gain_to_db(gain(12.0F, near, shape, cutoff) / gain(12.0F, far, shape, cutoff));
    const double steep = gain_to_db(gain(24.0F, near, shape, cutoff) / gain(24.0F, far, shape, cutoff));
    const double halfway = gain(18.0F, far, shape, cutoff);
    CAPTURE(shape);
    CHECK(shallow == doctest::Approx(12.0).epsilon(0.1));
    CHECK(steep == doctest::Approx(24.0).epsilon(0.1));
    CHECK(halfway < gain(12.0F, far, shape, cutoff));
    CHECK(halfway > gain(24.0F, far, shape, cutoff));
    CHECK(gain_to_db(gain(24.0F, passed, shape, cutoff) / gain(12.0F, passed, shape, cutoff)) ==
          doctest::Approx(0.0).epsilon(0.6));
  }
}

TEST_CASE("At resonance 1 the filter rings by itself within 5 cents of its cutoff, from 50 Hz to 8 kHz") {
  for (const double slope : {12.0, 24.0}) {
    for (const double hz : {50.0, 110.0, 261.6, 1000.0, 3520.0, 8000.0}) {
      Patch patch = ringing(hz);
      patch[filter_slope_db] = static_cast<float>(slope);
      const std::vector<float> sound = play_note(patch, note_at(60.0), 4 * test_rate).left;
      const double found = frequency_of(sound, hz, 3 * test_rate);
      CAPTURE(hz);
      CAPTURE(slope);
      CHECK(std::abs(1200.0 * std::log2(found / hz)) < 5.0);
      const double level = std::abs(sine_at(sound, found, 3 * test_rate, 16384));
      const double trapezoid = std::cos(M_PI * hz / test_rate);  // what the low-pass has of its states
      const double expected = 0.5 * std::sqrt(0.5) * trapezoid * (slope == 12.0 ? 1.0 : std::sqrt(0.5));
      CHECK(level == doctest::Approx(expected).epsilon(0.03));
      CHECK(std::abs(sine_at(sound, 2.0 * found, 3 * test_rate, 16384)) < 1e-3 * level);
    }
  }
}

TEST_CASE("A ringing filter follows the keys, and without self-oscillation falls silent as before") {
  Patch patch = ringing(261.6256);
  patch[key_track] = 1.0F;
  for (const double pitch : {48.0, 67.0, 84.0}) {
    const std::vector<float> sound = play_note(patch, note_at(pitch), 4 * test_rate).left;
    CHECK(std::abs(1200.0 * std::log2(frequency_of(sound, midi_to_hz(pitch), 3 * test_rate) /
                                      midi_to_hz(pitch))) < 5.0);
  }
  patch[self_oscillation] = 0.0F;
  const std::vector<float> silent = play_note(patch, note_at(60.0), test_rate).left;
  CHECK(*std::max_element(silent.begin(), silent.end()) == 0.0F);
}

TEST_CASE(
    "Phase modulation that gives way to pitch has no alias above -60 dB up to 2 kHz, and is itself at MIDI "
    "60") {
  Patch patch = tone(0.0F);
  patch[fm_index] = 4.0F;
  patch[fm_ratio] = 3.0F;
  patch[fm_env] = 0.0F;
  CHECK(worst_alias_db(patch, 1990.0) > -50.0);
  const std::vector<float> before = play_note(patch, note_at(60.0), 8192).left;
  const std::vector<float> above = play_note(patch, note_at(72.0), 8192).left;
  patch[fm_key] = 1.0F;
  CHECK(play_note(patch, note_at(60.0), 8192).left == before);
  CHECK(play_note(patch, note_at(72.0), 8192).left != above);
  for (const double hz : {261.6, 523.0, 997.0, 1499.0, 1990.0}) {
    CAPTURE(hz);
    CHECK(worst_alias_db(patch, hz) < -60.0);
  }
}

TEST_CASE("A copy of a pool with drive and a ringing filter goes on as the original does, to the bit") {
  Patch patch = tone(2.0F);
  for (const auto& [param, value] :
       std::initializer_list<std::pair<VoiceParam, float>>{{unison, 3.0F},
                                                           {pre_drive, 0.6F},
                                                           {post_drive, 0.4F},
                                                           {filter_slope_db, 20.0F},
                                                           {self_oscillation, 0.8F},
                                                           {resonance, 0.9F},
                                                           {filter_shape, 0.4F},
                                                           {cutoff_hz, 700.0F}}) {
    patch[param] = value;
  }
  const auto [after, copied] = with_its_copy(patch, [](voice::Pool&) {});
  CHECK(after.left == copied.left);
  CHECK(after.right == copied.right);
  CHECK(std::all_of(after.left.begin(), after.left.end(), [](float x) { return std::abs(x) < 20.0F; }));
}
