// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>

#include "synth/fx/rig.h"

namespace auralis {
namespace {

using namespace test;
using P = MasterParam;

constexpr int rate = 44100;

// What the master does to a tone, in dB.
double response_db(const MasterPatch& patch, double hz, int at_rate = rate) {
  Rig rig(at_rate, patch);
  const Stereo x = rig.run(2, sine(&Buses::dry, hz, at_rate, 0.1));
  const auto second = static_cast<size_t>(at_rate);
  return gain_to_db(amplitude(x[0], hz, at_rate, second, 2 * second) / 0.1);
}

MasterPatch with(std::initializer_list<std::pair<P, float>> settings) {
  MasterPatch patch = plain_master();
  for (const auto& [param, value] : settings) patch[param] = value;
  return patch;
}

}  // namespace

TEST_CASE("Equalizer: each band raises and lowers its own frequencies by what is asked") {
  const MasterPatch low = with({{P::eq_low_db, 9.0F}, {P::eq_low_hz, 200.0F}});
  CHECK(response_db(low, 25) == doctest::Approx(9).epsilon(0.02));
  CHECK(response_db(low, 200) == doctest::Approx(4.5).epsilon(0.01));
  CHECK(std::abs(response_db(low, 3000)) < 0.05);
  const MasterPatch high = with({{P::eq_high_db, -12.0F}, {P::eq_high_hz, 4000.0F}});
  CHECK(response_db(high, 18000) == doctest::Approx(-12).epsilon(0.02));
  CHECK(response_db(high, 4000) == doctest::Approx(-6).epsilon(0.01));
  CHECK(std::abs(response_db(high, 200)) < 0.05);
  for (const auto& [hz, db, q] : {std::tuple{P::eq_bell1_hz, P::eq_bell1_db, P::eq_bell1_q},
                                  std::tuple{P::eq_bell2_hz, P::eq_bell2_db, P::eq_bell2_q}}) {
    const MasterPatch bell = with({{hz, 1000.0F}, {db, 12.0F}, {q, 2.0F}});
    CHECK(response_db(bell, 1000) == doctest::Approx(12).epsilon(0.002));
    // Half of its decibels where the bandwidth that Q says ends.
    CHECK(response_db(bell, 1000 * (std::sqrt(1 + 1.0 / 16) + 0.25)) == doctest::Approx(6).epsilon(0.03));
    CHECK(std::abs(response_db(bell, 60)) < 0.1);
  }
}

TEST_CASE("Equalizer: the low cut falls by 24 dB an octave, at every rate, and leaves what is above") {
  const MasterPatch cut = with({{P::eq_low_cut_hz, 40.0F}});
  for (const int at_rate : {44100, 192000}) {
    CAPTURE(at_rate);
    CHECK(response_db(cut, 40, at_rate) == doctest::Approx(-3.01).epsilon(0.02));
    CHECK(response_db(cut, 20, at_rate) == doctest::Approx(-24.2).epsilon(0.02));
    CHECK(std::abs(response_db(cut, 120, at_rate)) < 0.05);
  }
}

TEST_CASE("Equalizer: with nothing asked the mix passes bit for bit, and so it does again after a while") {
  Rig plain(rate);
  Rig there_and_back(rate);
  const Automate moving = [](int64_t frame, MasterPatch& patch, EffectsControl&) {
    const bool on = frame > rate && frame < 2 * rate;
    patch[P::eq_low_db] = on ? 6.0F : 0.0F;
    patch[P::eq_low_cut_hz] = on ? 50.0F : 5.0F;
    patch[P::width_db] = on ? 3.0F : 0.0F;
    patch[P::width_mono_hz] = on ? 150.0F : 20.0F;
  };
  const Stereo a = plain.run(5, noise(&Buses::dry, 0.3));
  const Stereo b = there_and_back.run(5, noise(&Buses::dry, 0.3), moving);
  const Signal rest = difference(a[0], b[0]);
  CHECK(peak(rest, 0, rate) == 0);
  CHECK(peak(rest, rate, 2 * rate) > 0.01);
  // The mean that the DC block keeps differs at first, and forgets.
  CHECK(peak(rest, 4 * rate) < 1e-6);
}

TEST_CASE("Equalizer and width: no click when any of their parameters jumps") {
  for (size_t i = static_cast<size_t>(P::eq_low_cut_hz); i <= static_cast<size_t>(P::width_db); ++i) {
    MasterPatch patch =
        with({{P::eq_low_db, 9.0F}, {P::eq_bell1_db, 9.0F}, {P::eq_bell2_db, 9.0F}, {P::eq_high_db, 9.0F}});
    Rig rig(rate, patch);
    const Automate jump = [&](int64_t frame, MasterPatch& p, EffectsControl&) {
      p.values[i] = static_cast<float>((frame / rate) % 2 == 0 ? master_params[i].min : master_params[i].max);
    };
    const Feed tone = [](int64_t frame, Buses& buses) {
      sine(&Buses::dry, 220, rate, 0.1)(frame, buses);
      for (float& x : buses.dry[1]) x *= 0.5F;
    };
    const Stereo x = rig.run(4, tone, jump);
    // Above 6 kHz there is nothing but what a jump would leave there.
    const Signal top = octave_band(x[0], 12000, rate);
    CAPTURE(master_params[i].name);
    CHECK(gain_to_db(peak(top, rate / 2) / peak(x[0])) < -60);
  }
}

}  // namespace auralis
