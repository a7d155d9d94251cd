// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <complex>
#include <vector>

#include "model/units.h"

#include "synth/spectrum.h"
#include "synth/voices.h"

using namespace auralis;
using namespace auralis::testing;

namespace {

constexpr size_t window = 1 << 16;

struct Partials {
  double worst_alias_db;   // re the fundamental
  double alias_energy_db;  // all of it below 16 kHz, re the whole
  double dc_db;
  std::vector<double> harmonic;  // amplitudes, from 1
};

Patch shape(float s, float width = 0.5F) {
  Patch patch = still_patch();
  patch[VoiceParam::osc1_shape] = s;
  patch[VoiceParam::pulse_width] = width;
  return patch;
}

Partials partials(const Patch& patch, double pitch) {
  const Sounding sound = play_note(patch, note_at(pitch), window + 4096);
  const std::vector<double> bins = spectrum(sound.left.data() + 4096, window);
  const double hz = midi_to_hz(pitch);
  const double bin_hz = static_cast<double>(test_rate) / window;
  Partials p{};
  std::vector<bool> is_harmonic(bins.size(), false);
  for (int k = 1; k * hz < test_rate / 2.0; ++k) {
    const auto at = static_cast<size_t>(std::lround(k * hz / bin_hz));
    double peak = 0.0;
    for (size_t b = at - std::min<size_t>(at, 8); b < std::min(bins.size(), at + 9); ++b) {
      is_harmonic[b] = true;
      peak = std::max(peak, bins[b]);
    }
    p.harmonic.push_back(peak);
  }
  double worst = 0.0, energy = 0.0, total = 0.0;
  for (size_t b = 9; b < bins.size(); ++b) {
    total += bins[b] * bins[b];
    if (is_harmonic[b]) continue;
    worst = std::max(worst, bins[b]);
    if (static_cast<double>(b) * bin_hz > 16000.0) continue;
    energy += bins[b] * bins[b];
  }
  p.worst_alias_db = gain_to_db(worst / p.harmonic[0]);
  p.alias_energy_db = 10.0 * std::log10(energy / total);
  p.dc_db = gain_to_db(*std::max_element(bins.begin(), bins.begin() + 6) / p.harmonic[0] + 1e-12);
  return p;
}

}  // namespace

TEST_CASE(
    "No alias of any shape is above -60 dB of its fundamental up to 2 kHz, nor above -55 dB up to 6 kHz") {
  for (const auto& [s, width] : {std::pair(0.0F, 0.5F),
                                 {1.0F, 0.5F},
                                 {1.5F, 0.5F},
                                 {2.0F, 0.5F},
                                 {2.5F, 0.3F},
                                 {3.0F, 0.5F},
                                 {3.0F, 0.1F}}) {
    for (double hz : {55.3, 261.6, 997.0, 1499.0, 1990.0, 3001.0, 4403.0, 5993.0}) {
      const Partials p = partials(shape(s, width), pitch_of(hz));
      CAPTURE(s);
      CAPTURE(width);
      CAPTURE(hz);
      CHECK(p.worst_alias_db < (hz < 2000.0 ? -60.0 : -55.0));
      CHECK(p.dc_db < -80.0);
    }
  }
}

TEST_CASE("A saw's off-harmonic energy below 16 kHz is under -80 dB at MIDI 60, 84 and 96") {
  for (double pitch : {60.0, 84.0, 96.0}) {
    const Partials p = partials(shape(2.0F), pitch);
    CAPTURE(pitch);
    CHECK(p.alias_energy_db < -80.0);
  }
}

TEST_CASE(
    "A saw's partials up to 16 kHz are within 1 dB of 2/(πk), a triangle's of 8/(πk)², a pulse's of its "
    "width") {
  for (double pitch : {48.0, 60.0, 84.0, 96.0}) {
    const double hz = midi_to_hz(pitch);
    const Partials saw = partials(shape(2.0F), pitch);
    const Partials triangle = partials(shape(1.0F), pitch);
    const Partials pulse = partials(shape(3.0F, 0.3F), pitch);
    const double centre = std::sqrt(0.5);  // equal-power panning
    for (int k = 1; k * hz < 16000.0; ++k) {
      CAPTURE(pitch);
      CAPTURE(k);
      const auto i = static_cast<size_t>(k - 1);
      CHECK(std::abs(gain_to_db(saw.harmonic[i] / (centre * 2.0 / (M_PI * k)))) < 1.0);
      if (k % 2 == 1)
        CHECK(std::abs(gain_to_db(triangle.harmonic[i] / (centre * 8.0 / (M_PI * M_PI * k * k)))) < 1.0);
      const double ideal = std::abs(std::sin(M_PI * k * 0.3)) * 4.0 / (M_PI * k);
      if (ideal > 0.01) CHECK(std::abs(gain_to_db(pulse.harmonic[i] / (centre * ideal))) < 1.0);
    }
  }
}

TEST_CASE("A note that has lasted an hour is where its pitch says, to a millionth of a cycle") {
  const Patch patch = shape(0.0F);
  const double hz = 440.0 * std::exp2((61.3 - 69.0) / 12.0);
  voice::Pool pool(test_rate, 16, best_isa());
  pool.move(0, patch);
  pool.begin(note_at(61.3), "test");
  Sounding start;
  play(pool, 8192, start);
  voice::Chunk chunk(pool.groups());
  int64_t frames = 8192;
  for (; frames < int64_t{3600} * test_rate; frames += voice::chunk_quanta * quantum_frames) {
    for (int q = 0; q < voice::chunk_quanta; ++q) pool.advance(chunk);
    pool.end_chunk(chunk);
    chunk.reuse();
  }
  Sounding later;
  play(pool, 16384, later);
  const std::complex<double> before = sine_at(start.left, hz, 4096, 4096);
  const std::complex<double> after = sine_at(later.left, hz, 8192, 4096);
  const double moved = std::arg(after / before) / (2.0 * M_PI);
  const double ideal = hz / test_rate * static_cast<double>(frames);
  double drift = moved - (ideal - std::floor(ideal));
  drift -= std::round(drift);
  CHECK(std::abs(drift) < 1e-6);
}

TEST_CASE("A note that only begins near Nyquist has all its partials once it has come down") {
  Patch patch = still_patch();
  patch[VoiceParam::osc1_shape] = 2.0F;
  patch[VoiceParam::pitch_env_s] = 0.01F;
  const auto second_partial = [&](float fall_st) {
    patch[VoiceParam::pitch_env_st] = fall_st;
    const Sounding sound = play_note(patch, note_at(74.0), 44100);  // 587 Hz
    return std::abs(sine_at(sound.left, 2.0 * 587.3295, 22050, 16384));
  };
  const double plain = second_partial(0.0F);
  for (const float fall_st : {40.0F, 44.0F, 46.0F, 48.0F}) {
    CHECK(second_partial(fall_st) == doctest::Approx(plain).epsilon(0.01));
  }
}
