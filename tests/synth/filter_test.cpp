// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>

#include "model/rng.h"
#include "synth/simd/filter.h"
#include "synth/voices.h"

using namespace auralis;
using namespace auralis::testing;

namespace {

// What the voice's filter does to a sine of this frequency.
double gain_at(double hz, float shape, double cutoff_hz, float resonance) {
  Patch open = still_patch();
  open[VoiceParam::osc1_shape] = 0.0F;
  Patch filtered = open;
  filtered[VoiceParam::filter_shape] = shape;
  filtered[VoiceParam::cutoff_hz] = static_cast<float>(cutoff_hz);
  filtered[VoiceParam::resonance] = resonance;
  const auto amplitude = [hz](const Patch& patch) {
    return std::abs(sine_at(play_note(patch, note_at(pitch_of(hz)), 40000).left, hz, 24000, 16000));
  };
  const double open_gain =
      (hz / 20.0) * (hz / 20.0) / (1.0 + (hz / 20.0) * (hz / 20.0));  // Q 0.5 high-pass at 20 Hz
  return amplitude(filtered) / amplitude(open) * open_gain;
}

}  // namespace

TEST_CASE("At its cutoff the low-pass and the high-pass have a gain of Q, the band-pass of 1") {
  for (float resonance : {0.0F, 0.15F, 0.5F, 0.8F}) {
    const double q = 0.5 * std::pow(100.0, static_cast<double>(resonance));
    for (double hz : {220.0, 1000.0, 5000.0, 12000.0}) {
      CAPTURE(resonance);
      CAPTURE(hz);
      CHECK(gain_at(hz, 0.0F, hz, resonance) == doctest::Approx(q).epsilon(0.01));
      CHECK(gain_at(hz, 1.0F, hz, resonance) == doctest::Approx(1.0).epsilon(0.01));
      CHECK(gain_at(hz, 2.0F, hz, resonance) == doctest::Approx(q).epsilon(0.01));
    }
  }
}

TEST_CASE("The band-pass peaks within 1 % of its cutoff") {
  for (double hz : {100.0, 1000.0, 5000.0, 10000.0}) {
    const double step = 1.02;
    const double below = std::log(gain_at(hz / step, 1.0F, hz, 0.5F));
    const double here = std::log(gain_at(hz, 1.0F, hz, 0.5F));
    const double above = std::log(gain_at(hz * step, 1.0F, hz, 0.5F));
    const double peak = hz * std::pow(step, 0.5 * (below - above) / (below - 2.0 * here + above));
    CAPTURE(hz);
    CHECK(peak == doctest::Approx(hz).epsilon(0.01));
  }
}

TEST_CASE("The low-pass falls by 12 dB an octave and passes what is far below") {
  CHECK(gain_at(100.0, 0.0F, 2000.0, 0.075F) == doctest::Approx(1.0).epsilon(0.01));
  const double fall = gain_to_db(gain_at(2000.0, 0.0F, 250.0, 0.075F) / gain_at(4000.0, 0.0F, 250.0, 0.075F));
  CHECK(fall == doctest::Approx(12.0).epsilon(0.1));
}

TEST_CASE(
    "At full resonance, with its cutoff thrown about every frame, the filter stays bounded and falls "
    "silent") {
  using namespace baseline;
  Rng rng(3);
  FilterState state{};
  float loudest = 0.0F;
  float left_over = 0.0F;
  for (int n = 0; n < 400000; ++n) {
    const double cutoff = 20.0 * std::pow(1000.0, rng.uniform());
    const F g = F{} + static_cast<float>(std::tan(M_PI * cutoff / 44100.0));
    const F x = n < 200000 ? F{} + static_cast<float>(rng.uniform(-1.0, 1.0)) : F{};
    const FilterOutput out = filter(state, x, g, F{} + 0.02F);
    loudest = std::max({loudest, std::abs(out.low[0]), std::abs(out.band[0]), std::abs(out.high[0])});
    left_over = std::abs(out.low[0]) + std::abs(out.band[0]) + std::abs(out.high[0]);
  }
  CHECK(loudest < 1000.0F);
  CHECK(left_over < 1e-6F);
}
