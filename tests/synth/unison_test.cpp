// SPDX-License-Identifier: MIT
// Several oscillators in place of a voice's first, and how they stray.
#include <doctest/doctest.h>
#include <fftw3.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstring>
#include <vector>

#include "model/units.h"
#include "synth/spectrum.h"
#include "synth/voice/lane_step.h"
#include "synth/voices.h"

using namespace auralis;
using namespace auralis::testing;

namespace {

using enum VoiceParam;

Patch unison_patch(float count, float cents = 40.0F, float width = 1.0F) {
  Patch patch = still_patch();
  patch[osc1_shape] = 0.0F;
  patch[unison] = count;
  patch[unison_cents] = cents;
  patch[unison_width] = width;
  return patch;
}

voice::UnisonParamRows<1> drawn(const Patch& patch, const voice::Note& note) {
  const double key = voice::begin_voice(note, "test", patch, test_rate).noise_key[0];
  return baseline::unison_of_note(voice::unison_of(patch), static_cast<uint32_t>(static_cast<int32_t>(key)));
}

double power(const std::vector<float>& x, size_t from = 0) {
  double sum = 0.0;
  for (size_t n = from; n < x.size(); ++n) sum += static_cast<double>(x[n]) * static_cast<double>(x[n]);
  return sum / static_cast<double>(x.size() - from);
}

// The greatest of a signal's level's bins from 0.1 to 8 Hz, 0.025 Hz each, as a share of the level: the mean over windows
// of 40 s, half overlapping.
double worst_beat(const std::vector<float>& x) {
  constexpr size_t hop = test_rate / 50;
  constexpr size_t window = 40 * 50;
  std::vector<double> level;
  for (size_t at = 0; at + hop <= x.size(); at += hop) {
    double sum = 0.0;
    for (size_t n = at; n < at + hop; ++n) sum += static_cast<double>(x[n]) * static_cast<double>(x[n]);
    level.push_back(std::sqrt(sum / hop));
  }
  std::vector<double> bins(8 * 40, 0.0);
  size_t windows = 0;
  for (size_t from = 0; from + window <= level.size(); from += window / 2, ++windows) {
    double mean = 0.0;
    for (size_t i = 0; i < window; ++i) mean += level[from + i] / window;
    for (size_t k = 4; k < bins.size(); ++k) {
      std::complex<double> sum = 0.0;
      for (size_t i = 0; i < window; ++i) {
        sum += (level[from + i] / mean - 1.0) *
               std::polar(1.0, -2.0 * M_PI * static_cast<double>(k * i % window) / window);
      }
      bins[k] += std::norm(2.0 * sum / static_cast<double>(window));
    }
  }
  return std::sqrt(*std::max_element(bins.begin(), bins.end()) / static_cast<double>(windows));
}

}  // namespace

TEST_CASE("A unison's lines stand at the detunes, and as far left and right, as were drawn for its note") {
  for (const uint64_t id : {1u, 2u, 3u}) {
    for (const float count : {2.0F, 4.5F, 7.0F}) {
      const Patch patch = unison_patch(count, 100.0F);
      const voice::Note note = note_at(pitch_of(2000.0), 0, int64_t{1} << 40, id);
      constexpr size_t window = 1 << 18;
      const Sounding sound = play_note(patch, note, window);
      const std::vector<double> left = spectrum(sound.left.data(), window);
      const std::vector<double> right = spectrum(sound.right.data(), window);
      const auto rows = drawn(patch, note);
      CAPTURE(id);
      CAPTURE(count);
      double lowest = 0.0, highest = 0.0, explained = 0.0;
      for (int k = 0; k < voice::most_unison; ++k) {
        if (static_cast<float>(k) >= count) {
          CHECK(rows.left[k][0] == 0.0);
          continue;
        }
        const double hz = 2000.0 * std::exp2(rows.detune_oct[k][0]);
        const auto bin = static_cast<std::ptrdiff_t>(std::lround(hz / test_rate * window));
        const double l = *std::max_element(left.begin() + bin - 2, left.begin() + bin + 3);
        const double r = *std::max_element(right.begin() + bin - 2, right.begin() + bin + 3);
        lowest = std::min(lowest, rows.detune_oct[k][0]);
        highest = std::max(highest, rows.detune_oct[k][0]);
        explained += rows.left[k][0] * rows.left[k][0] + rows.right[k][0] * rows.right[k][0];
        // Bins of 0.17 Hz, of which a line has six: two this near each other are seen as one.
        bool alone = true;
        for (int j = 0; static_cast<float>(j) < count; ++j) {
          const double other = 2000.0 * std::exp2(rows.detune_oct[j][0]);
          alone &= j == k || std::abs(other - hz) > 3.0;
        }
        if (!alone) continue;
        CHECK(l == doctest::Approx(rows.left[k][0] * std::sqrt(0.5)).epsilon(0.1));
        CHECK(r == doctest::Approx(rows.right[k][0] * std::sqrt(0.5)).epsilon(0.1));
      }
      CHECK(highest - lowest <= 100.0 / 1200.0);
      CHECK(highest - lowest >= 0.65 * 100.0 / 1200.0);
      CHECK(explained == doctest::Approx(2.0).epsilon(1e-6));
      CHECK(power(sound.left) + power(sound.right) == doctest::Approx(0.5).epsilon(0.05));
    }
  }
}

TEST_CASE("Two notes of one pitch have unisons of their own, and one note always the same") {
  const Patch patch = unison_patch(5.0F);
  const Sounding first = play_note(patch, note_at(60.0, 0, 1 << 30, 1), 8192);
  CHECK(first.left == play_note(patch, note_at(60.0, 0, 1 << 30, 1), 8192).left);
  CHECK(first.left != play_note(patch, note_at(60.0, 0, 1 << 30, 2), 8192).left);
}

TEST_CASE("More oscillators are not louder: within 0.6 dB over many notes, between whole numbers, too") {
  for (const float shape : {0.0F, 2.0F, 3.0F}) {
    double one = 0.0;
    for (const float count : {1.0F, 1.5F, 2.0F, 3.0F, 4.3F, 5.0F, 7.0F}) {
      Patch patch = unison_patch(count, 60.0F, 0.7F);
      patch[osc1_shape] = shape;
      double sum = 0.0;
      for (uint64_t id = 1; id <= 24; ++id) {
        const Sounding sound =
            play_note(patch, note_at(57.0 + 0.3 * static_cast<double>(id), 0, 1 << 30, id), 88200);
        sum += power(sound.left, 4410) + power(sound.right, 4410);
      }
      if (count == 1.0F) one = sum;
      CAPTURE(shape);
      CAPTURE(count);
      CHECK(std::abs(10.0 * std::log10(sum / one)) < 0.6);
    }
  }
}

TEST_CASE("A unison without width has the same sound on both sides, and its parts share its filter") {
  Patch patch = unison_patch(6.0F, 30.0F, 0.0F);
  patch[osc1_shape] = 2.4F;
  patch[filter_shape] = 0.0F;
  patch[cutoff_hz] = 900.0F;
  patch[osc2_level] = patch[sub_level] = patch[noise_level] = 0.3F;
  const Sounding sound = play_note(patch, note_at(45.0), 44100);
  CHECK(power(sound.left) > 0.01);
  float apart = 0.0F;
  for (size_t n = 0; n < sound.left.size(); ++n) {
    apart = std::max(apart, std::abs(sound.left[n] - sound.right[n]));
  }
  CHECK(apart < 1e-6F);
}

TEST_CASE(
    "No alias of a unison is above -60 dB of its fundamental up to 2 kHz, in any shape, 100 cents wide") {
  constexpr size_t window = 1 << 16;
  for (const float shape : {1.0F, 2.0F, 3.0F}) {
    for (const double hz : {997.0, 1499.0, 1990.0}) {
      Patch patch = unison_patch(7.0F, 100.0F, 0.0F);
      patch[osc1_shape] = shape;
      patch[pulse_width] = 0.3F;
      const Sounding sound = play_note(patch, note_at(pitch_of(hz)), window + 4096);
      const std::vector<double> bins = spectrum(sound.left.data() + 4096, window);
      double worst = 0.0;
      for (size_t b = 16; b < bins.size(); ++b) {
        const double at = static_cast<double>(b) * test_rate / window;
        const double nearest = std::max(1.0, std::round(at / hz)) * hz;
        const double within = nearest * (std::exp2(50.0 / 1200.0) - 1.0) + 8.0 * test_rate / window;
        if (std::abs(at - nearest) > within) worst = std::max(worst, bins[b]);
      }
      CAPTURE(shape);
      CAPTURE(hz);
      CHECK(gain_to_db(worst / *std::max_element(bins.begin(), bins.end())) < -60.0);
    }
  }
}

TEST_CASE("Drift keeps each oscillator within its cents, moves it, and moves the second by itself") {
  Patch patch = still_patch();
  patch[osc1_shape] = patch[osc2_shape] = 0.0F;
  patch[drift_cents] = 20.0F;
  patch[drift_s] = 1.0F;
  std::vector<double> cents[2];
  for (const int oscillator : {0, 1}) {
    patch[osc1_level] = oscillator == 0 ? 1.0F : 0.0F;
    patch[osc2_level] = oscillator == 1 ? 1.0F : 0.0F;
    const Sounding sound = play_note(patch, note_at(pitch_of(1000.0)), int64_t{60} * test_rate);
    constexpr size_t window = 2048;
    for (size_t from = 0; from + 2 * window <= sound.left.size(); from += window) {
      const double turned = std::arg(sine_at(sound.left, 1000.0, from + window, window) /
                                     sine_at(sound.left, 1000.0, from, window));
      cents[oscillator].push_back(1200.0 *
                                  std::log2(1.0 + turned / (2.0 * M_PI) * test_rate / window / 1000.0));
    }
  }
  double squares[2] = {}, product = 0.0;
  for (size_t i = 0; i < cents[0].size(); ++i) {
    for (const int k : {0, 1}) {
      CHECK(std::abs(cents[k][i]) < 20.0);
      squares[k] += cents[k][i] * cents[k][i];
    }
    product += cents[0][i] * cents[1][i];
  }
  for (const double sum : squares) {
    CHECK(std::sqrt(sum / static_cast<double>(cents[0].size())) == doctest::Approx(0.4 * 20.0).epsilon(0.3));
  }
  CHECK(std::abs(product) / std::sqrt(squares[0] * squares[1]) < 0.5);
}

TEST_CASE("Beating is periodic without drift; with it no 0.025 Hz bin of the level is above 8 %") {
  const auto beat = [](float drift) {
    Patch patch = unison_patch(5.0F, 16.0F);
    patch[osc1_shape] = patch[osc2_shape] = 2.0F;
    patch[osc2_level] = 0.5F;
    patch[osc1_level] = 0.5F;
    patch[detune_cents] = 9.0F;
    patch[filter_shape] = 0.0F;
    patch[cutoff_hz] = 800.0F;
    patch[drift_cents] = drift;
    patch[drift_s] = 4.0F;
    return worst_beat(play_note(patch, note_at(62.0, 0, int64_t{1} << 40, 5), int64_t{240} * test_rate).left);
  };
  CHECK(beat(0.0F) > 0.12);
  CHECK(beat(8.0F) < 0.08);
}

TEST_CASE("A copy of a pool with a unison goes on as the original does, to the bit") {
  Patch patch = unison_patch(5.0F);
  patch[osc1_shape] = 2.0F;
  patch[drift_cents] = 10.0F;
  patch[drift_s] = 0.3F;
  Patch fewer = patch;
  fewer[unison] = 3.4F;
  const auto [after, copied] = with_its_copy(patch, [&](voice::Pool& pool) { pool.move(0, fewer); });
  CHECK(after.left == copied.left);
  CHECK(after.right == copied.right);
}

TEST_CASE("A group that a unison joins and leaves goes on without a step in the voices that were there") {
  Patch plain = still_patch();
  plain[osc1_shape] = 0.0F;
  Patch wide = unison_patch(7.0F);
  wide[attack_s] = 0.01F;
  wide[release_s] = 0.02F;
  voice::Pool pool(test_rate, 16, best_isa());
  pool.move(0, plain);
  pool.move(1, wide);
  pool.begin(note_at(45.0), "test");
  Sounding with, without;
  play(pool, 5000, with);
  voice::Note other = note_at(70.0, 9, 2000, 2);
  other.layer = 1;
  pool.begin(other, "other");
  play(pool, 12000, with);
  CHECK(pool.voices() == 1);
  without = play_note(plain, note_at(45.0), static_cast<int64_t>(with.left.size()));
  float apart = 0.0F;
  for (size_t n = 0; n < with.left.size(); ++n) {
    apart = std::max(
        {apart, std::abs(with.left[n] - without.left[n]), std::abs(with.right[n] - without.right[n])});
  }
  CHECK(apart < 1e-6F);
}
