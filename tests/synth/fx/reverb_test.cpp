// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "synth/fx/rig.h"

namespace auralis {
namespace {

using namespace test;
using P = MasterParam;

MasterPatch hall(double time_s, double bass = 1, double treble = 1) {
  MasterPatch patch = plain_master();
  patch[P::reverb_time_s] = static_cast<float>(time_s);
  patch[P::reverb_bass] = static_cast<float>(bass);
  patch[P::reverb_treble] = static_cast<float>(treble);
  return patch;
}

Stereo response(const MasterPatch& patch, double seconds, int rate = 44100) {
  return Rig(rate, patch).run(seconds, impulse(&Buses::reverb));
}

double decay_in_band(const Stereo& x, double hz, double rate) {
  return (decay_s(octave_band(x[0], hz, rate), rate) + decay_s(octave_band(x[1], hz, rate), rate)) / 2;
}

}  // namespace

TEST_CASE("Reverb time is within 5 % of what was asked, from 1 to 15 s, through the middle band") {
  for (double asked : {1.0, 2.5, 6.0, 15.0}) {
    MasterPatch patch = hall(asked, 0.9, 0.4);
    patch[P::reverb_mod] = 0.4f;
    const Stereo x = response(patch, asked);
    for (double hz : {500.0, 1000.0, 2000.0}) {
      CAPTURE(asked);
      CAPTURE(hz);
      CHECK(decay_in_band(x, hz, 44100) == doctest::Approx(asked).epsilon(0.05));
    }
  }
}

TEST_CASE("Reverb time does not depend on the sample rate or the size of the room") {
  for (int rate : {48000, 96000})
    CHECK(decay_in_band(response(hall(3), 3, rate), 1000, rate) == doctest::Approx(3).epsilon(0.03));
  for (float size : {0.5f, 1.5f}) {
    MasterPatch patch = hall(3);
    patch[P::reverb_size] = size;
    CHECK(decay_in_band(response(patch, 3), 1000, 44100) == doctest::Approx(3).epsilon(0.03));
  }
}

TEST_CASE("Bass and treble decay by their ratios to the middle band") {
  const double asked = 4;
  for (double bass : {0.5, 1.0, 2.0}) {
    for (double treble : {0.2, 0.5, 1.0}) {
      const Stereo x = response(hall(asked, bass, treble), 2 * asked);
      CAPTURE(bass);
      CAPTURE(treble);
      CHECK(decay_in_band(x, 1000, 44100) == doctest::Approx(asked).epsilon(0.05));
      CHECK(decay_in_band(x, 90, 44100) == doctest::Approx(asked * bass).epsilon(0.1));
      CHECK(decay_in_band(x, 9500, 44100) == doctest::Approx(asked * treble).epsilon(0.1));
    }
  }
}

TEST_CASE("Even the darkest, most booming room decays no slower than asked in the middle band, by 10 %") {
  for (float size : {0.5f, 1.5f}) {
    MasterPatch patch = hall(3, 1, 0.05);
    patch[P::reverb_size] = size;
    const Stereo x = response(patch, 4);
    for (double hz : {500.0, 1000.0, 2000.0}) CHECK(decay_in_band(x, hz, 44100) < 1.1 * 3);
  }
}

TEST_CASE("Echo density reaches that of Gaussian noise within 150 ms and stays") {
  for (float size : {0.5f, 1.0f, 1.5f}) {
    MasterPatch patch = hall(6);
    patch[P::reverb_size] = size;
    const Stereo x = response(patch, 1);
    for (const Signal& side : x) {
      double best = 0;
      for (double t = 0.01; t <= 0.15; t += 0.001)
        best = std::max(best, echo_density(side, static_cast<size_t>(t * 44100), 44100));
      CAPTURE(size);
      CHECK(best >= 1);
      double mean = 0;
      for (int i = 0; i < 80; ++i)
        mean += echo_density(side, static_cast<size_t>((0.15 + 0.01 * i) * 44100), 44100) / 80;
      CHECK(mean > 0.95);
    }
  }
}

TEST_CASE("No mode of the late tail rings more than 6 dB above its neighbours") {
  constexpr size_t length = 1 << 17;
  constexpr double rate = 44100;
  std::vector<double> spectrum(length / 2, 0.0);
  for (int take = 0; take < 6; ++take) {
    MasterPatch patch = hall(6);
    patch[P::reverb_mod] = 0.4f;
    Rig rig(44100, patch);
    rig.frame = take * 100 * quantum_frames;
    const int64_t start = rig.frame;
    const Stereo x = rig.run(6, [&](int64_t frame, Buses& buses) {
      if (frame == start) buses.reverb[take % 2][0] = 1;
    });
    for (const Signal& side : x) {
      const auto s = power_spectrum(side, 2 * 44100, length);
      for (size_t k = 0; k < s.size(); ++k) spectrum[k] += s[k];
    }
  }
  // Bands of 4 Hz against the median of those within a sixth of an octave.
  const auto bins = static_cast<size_t>(4 * length / rate);
  std::vector<double> bands;
  for (size_t k = 0; k + bins <= spectrum.size(); k += bins) {
    double sum = 0;
    for (size_t i = 0; i < bins; ++i) sum += spectrum[k + i];
    bands.push_back(sum);
  }
  double worst_db = 0;
  for (size_t band = static_cast<size_t>(60 / 4); band < static_cast<size_t>(12000 / 4); ++band) {
    const auto reach = std::max<size_t>(4, band / 9);
    std::vector<double> near(bands.begin() + static_cast<ptrdiff_t>(band - std::min(band, reach)),
                             bands.begin() + static_cast<ptrdiff_t>(band + reach));
    std::nth_element(near.begin(), near.begin() + static_cast<ptrdiff_t>(near.size() / 2), near.end());
    worst_db = std::max(worst_db, 10 * std::log10(bands[band] / near[near.size() / 2]));
  }
  MESSAGE("loudest mode: " << worst_db << " dB above its neighbours");
  CHECK(worst_db < 6);
}

TEST_CASE(
    "With its turns, no bin of a long tail stands more than 4 dB above its neighbours, which keep their "
    "RT60") {
  constexpr size_t length = 1 << 15;
  MasterPatch patch = hall(30, 0.9, 0.4);
  patch[P::reverb_mod] = 0.4F;
  patch[P::reverb_turn] = 1;
  Rig rig(44100, patch);
  rig.run(10, noise(&Buses::reverb, 0.5));
  std::vector<double> spectrum(length / 2, 0.0);
  for (int stretch = 0; stretch < 20; ++stretch) {
    const Stereo x = rig.run(20, noise(&Buses::reverb, 0.5));
    for (const Signal& side : x) {
      for (size_t from = 0; from + length <= side.size(); from += length / 2) {
        const auto s = power_spectrum(side, from, length);
        for (size_t k = 0; k < s.size(); ++k) spectrum[k] += s[k];
      }
    }
  }
  double worst_db = 0;
  for (size_t k = 30; k < 12000 * length / 44100; ++k) {  // from 40 Hz, against a third of an octave
    const auto from = static_cast<size_t>(static_cast<double>(k) * 0.89);
    const auto to = static_cast<size_t>(static_cast<double>(k) * 1.122) + 1;
    double sum = 0;
    for (size_t i = from; i < to; ++i) sum += spectrum[i];
    worst_db = std::max(worst_db, power_to_db(spectrum[k] / sum * static_cast<double>(to - from)));
  }
  MESSAGE("loudest bin: " << worst_db << " dB above its neighbours");
  CHECK(worst_db < 4);

  patch[P::reverb_time_s] = 6;
  const Stereo x = response(patch, 6);
  for (double hz : {500.0, 1000.0, 2000.0})
    CHECK(decay_in_band(x, hz, 44100) == doctest::Approx(6).epsilon(0.05));
}

TEST_CASE("A steady sound is as strong in the reverb as in the send, whatever the time") {
  for (double time : {1.0, 6.0, 20.0}) {
    Rig rig(44100, hall(time));
    rig.run(time, noise(&Buses::reverb, 0.3));
    const Stereo x = rig.run(4, noise(&Buses::reverb, 0.3));
    const double sent = 0.3 / std::sqrt(3.0);
    for (const Signal& side : x) CHECK(std::abs(gain_to_db(rms(side) / sent)) < 1.0);
  }
}

TEST_CASE(
    "The tail is wide but never out of phase: correlation between 0 and 0.7 in every second, mono or "
    "one-sided in") {
  for (float right : {1.0f, 0.0f}) {
    MasterPatch patch = hall(8, 0.9, 0.4);
    patch[P::reverb_mod] = 0.4f;
    const Stereo x = Rig(44100, patch).run(6, impulse(&Buses::reverb, 1, right));
    for (size_t second = 0; second < 6; ++second) {
      const double c = correlation(x, second * 44100, (second + 1) * 44100);
      CAPTURE(second);
      CHECK(c > 0);
      CHECK(c < 0.7);
    }
  }
}

TEST_CASE("Pre-delay holds the reverb back by as much as was asked") {
  const auto first_sound = [](double predelay_s) {
    MasterPatch patch = hall(3);
    patch[P::reverb_predelay_s] = static_cast<float>(predelay_s);
    const Stereo x = response(patch, 0.5);
    return std::find_if(x[0].begin(), x[0].end(), [](float v) { return std::abs(v) > 1e-6f; }) - x[0].begin();
  };
  CHECK(first_sound(0.2) - first_sound(0) == 8820);
}

TEST_CASE("The low cut takes 3 dB at its corner and 12 dB an octave below it") {
  MasterPatch open = hall(2);
  MasterPatch cut = open;
  cut[P::reverb_low_cut_hz] = 400;
  const auto level = [](const MasterPatch& patch, double hz) {
    Rig rig(44100, patch);
    rig.run(4, sine(&Buses::reverb, hz, 44100));
    const Stereo x = rig.run(2, sine(&Buses::reverb, hz, 44100));
    return amplitude(x[0], hz, 44100, 0, x[0].size());
  };
  CHECK(gain_to_db(level(cut, 400) / level(open, 400)) == doctest::Approx(-3.01).epsilon(0.05));
  CHECK(gain_to_db(level(cut, 100) / level(open, 100)) == doctest::Approx(-24.1).epsilon(0.05));
}

TEST_CASE("Frozen, the reverb holds its energy for minutes and lets nothing in") {
  MasterPatch patch = hall(3, 0.9, 0.4);
  patch[P::reverb_mod] = 1;
  Rig rig(44100, patch);
  rig.run(2, noise(&Buses::reverb, 0.3));
  rig.patch[P::reverb_freeze] = 1;
  rig.run(1, silence);
  const double held = power(rig.run(10, silence)[0]);
  CHECK(held > 1e-5);
  rig.run(100, noise(&Buses::reverb, 1));
  const double later = power(rig.run(10, noise(&Buses::reverb, 1))[0]);
  CHECK(10 * std::log10(later / held) == doctest::Approx(0).epsilon(0.05));
  rig.patch[P::reverb_freeze] = 0;
  rig.run(2, silence);
  CHECK(power(rig.run(1, silence)[0]) < 0.01 * held);
}

TEST_CASE("Shimmer raises what it feeds back by its interval") {
  MasterPatch patch = hall(6);
  patch[P::shimmer] = 0.5f;
  Rig rig(44100, patch);
  const auto chirps = [](int64_t frame, Buses& buses) {  // 400 to 500 Hz and back, once a second
    for (int n = 0; n < quantum_frames; ++n) {
      const double t = static_cast<double>(frame + n) / 44100;
      buses.reverb[0][n] = buses.reverb[1][n] = static_cast<float>(
          0.3 * std::sin(2 * std::numbers::pi *
                         (450 * t - 50 / (2 * std::numbers::pi) * std::cos(2 * std::numbers::pi * t))));
    }
  };
  rig.run(4, chirps);
  const auto s = power_spectrum(rig.run(6, chirps)[0], 0, 1 << 17);
  const auto band = [&](double low, double high) {
    double sum = 0;
    for (auto k = static_cast<size_t>(low * (1 << 17) / 44100);
         k < static_cast<size_t>(high * (1 << 17) / 44100); ++k)
      sum += s[k];
    return sum;
  };
  const double octave_db = 10 * std::log10(band(780, 1020) / band(380, 520));
  CHECK(octave_db > -12);
  CHECK(octave_db < 0);
  CHECK(band(780, 1020) > 30 * band(560, 740));
}

TEST_CASE(
    "Shimmer leaves the reverb time of the middle band within 10 % up to a half, within 20 % at its "
    "greatest") {
  for (double asked : {2.0, 6.0, 12.0}) {
    for (float shimmer : {0.25f, 0.5f, 1.0f}) {
      MasterPatch patch = hall(asked, 0.9, 0.4);
      patch[P::reverb_mod] = 0.4f;
      patch[P::shimmer] = shimmer;
      const Stereo x = response(patch, 1.5 * asked);
      for (double hz : {500.0, 1000.0}) {
        CAPTURE(asked);
        CAPTURE(shimmer);
        CAPTURE(hz);
        CHECK(decay_in_band(x, hz, 44100) == doctest::Approx(asked).epsilon(shimmer > 0.5f ? 0.15 : 0.1));
      }
    }
  }
}

TEST_CASE("Shimmer stays bounded at every interval, at its greatest, in a room of 60 s") {
  for (float semitones : {-12.0f, -0.3f, 0.0f, 0.2f, 7.0f, 12.0f, 24.0f}) {
    MasterPatch patch = hall(60, 2, 1);
    patch[P::shimmer] = 1;
    patch[P::shimmer_st] = semitones;
    Rig rig(44100, patch);
    CAPTURE(semitones);
    rig.run(20, noise(&Buses::reverb, 0.5));
    const double at_20_s = power(rig.run(10, noise(&Buses::reverb, 0.5))[0]);
    rig.run(60, noise(&Buses::reverb, 0.5));
    CHECK(power(rig.run(10, noise(&Buses::reverb, 0.5))[0]) < 4 * at_20_s);
    const double left = power(rig.run(2, silence)[0]);
    rig.run(20, silence);
    CHECK(power(rig.run(2, silence)[0]) < left);
  }
}

}  // namespace auralis
