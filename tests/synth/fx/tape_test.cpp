// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "synth/fx/rig.h"

namespace auralis {
namespace {

using namespace test;
using P = MasterParam;

constexpr int rate = 44100;
constexpr size_t second = rate;

MasterPatch with(P param, float value) {
  MasterPatch patch = default_master_patch();
  patch[param] = value;
  return patch;
}

// Frequency of a tone over time, in cents from what it was, from the phase of its neighbourhood.
std::pair<double, double> cents_range(const Signal& x, double hz) {
  double least = 1e9;
  double most = -1e9;
  constexpr size_t length = 1024;
  for (size_t from = second; from + length < x.size(); from += 256) {
    const Signal part(x.begin() + static_cast<std::ptrdiff_t>(from),
                      x.begin() + static_cast<std::ptrdiff_t>(from + length));
    const double cents = 1200 * std::log2(frequency_near(part, hz, rate, length / 2) / hz);
    least = std::min(least, cents);
    most = std::max(most, cents);
  }
  return {least, most};
}

}  // namespace

TEST_CASE("Tape: wow and flutter bend the pitch by as many cents as asked, and slowly or fast") {
  for (const P param : {P::tape_wow_cents, P::tape_flutter_cents}) {
    FinishRig rig(rate, with(param, 20));
    const Stereo x = rig.run(30, sine(&Buses::dry, 3000, rate));
    const auto [least, most] = cents_range(x[0], 3000);
    CAPTURE(least);
    CAPTURE(most);
    CHECK(least > -21);
    CHECK(most < 21);
    CHECK(least < -12);
    CHECK(most > 12);
    CHECK(gain_to_db(rms(x[0], second) * std::numbers::sqrt2 / 0.5) == doctest::Approx(0).epsilon(0.1));
  }
}

TEST_CASE("Tape: saturation folds nothing down above -60 dB, and leaves soft sound alone") {
  for (const double about : {110.0, 997.0, 3163.0, 5003.0, 7919.0}) {
    // Whole cycles in the stretch, so that harmonics fall on lines of their own and what folds between them.
    constexpr size_t length = 1 << 16;
    const double cycles = 2 * std::round(about * length / rate / 2) + 1;
    const double hz = cycles * rate / length;
    FinishRig rig(rate, with(P::tape_drive_db, 12));
    const Stereo x = rig.run(3, sine(&Buses::dry, hz, rate, 1));
    const std::vector<double> spectrum = power_spectrum(x[0], second, length);
    double folded = 0;
    for (size_t k = 20; k < spectrum.size(); ++k) {
      const double harmonic = std::round(static_cast<double>(k) / cycles) * cycles;
      if (std::abs(static_cast<double>(k) - harmonic) > 3) folded = std::max(folded, spectrum[k]);
    }
    const auto fundamental = spectrum[static_cast<size_t>(cycles)];
    CAPTURE(hz);
    CHECK(power_to_db(folded / fundamental) < -60);
    if (hz < 4000) CHECK(spectrum[static_cast<size_t>(3 * cycles)] > 1e-3 * fundamental);  // it does saturate
  }
  FinishRig soft(rate, with(P::tape_drive_db, 6));
  const Stereo x = soft.run(2, sine(&Buses::dry, 1000, rate, 0.01));
  CHECK(gain_to_db(amplitude(x[0], 1000, rate, second, 2 * second) / 0.01) ==
        doctest::Approx(0).epsilon(0.01));
}

TEST_CASE(
    "Tape: the hiss is as loud as asked, each side its own, and the same for a frame whenever it is made") {
  FinishRig rig(rate, with(P::tape_hiss_db, -50));
  const Stereo x = rig.run(10, silence);
  CHECK(gain_to_db(rms(x[0], second)) == doctest::Approx(-50).epsilon(0.005));
  CHECK(std::abs(correlation(x, second, 10 * second)) < 0.01);
  FinishRig late(rate, with(P::tape_hiss_db, -50));
  late.frame = 5 * rate / quantum_frames * quantum_frames;
  const size_t from = static_cast<size_t>(late.frame);
  const Stereo y = late.run(2, silence);
  CHECK(std::equal(y[0].begin(), y[0].end(), x[0].begin() + static_cast<std::ptrdiff_t>(from)));
}

TEST_CASE("Tape and dynamics: no click when any of their parameters jumps, and copies go on alike") {
  for (size_t i = static_cast<size_t>(P::tape_wow_cents); i <= static_cast<size_t>(P::dynamics_release_s);
       ++i) {
    if (i == static_cast<size_t>(P::tape_hiss_db)) continue;  // there is always something up there
    MasterPatch patch = with(P::dynamics_ratio, 4);
    for (const P p : {P::dynamics_low_db, P::dynamics_mid_db, P::dynamics_high_db}) patch[p] = -24;
    FinishRig rig(rate, patch);
    const Automate jump = [&](int64_t frame, MasterPatch& p, EffectsControl&) {
      p.values[i] = static_cast<float>((frame / rate) % 2 == 0 ? master_params[i].min : master_params[i].max);
    };
    const Stereo x = rig.run(4, sine(&Buses::dry, 220, rate, 0.1), jump);
    FinishRig copy(rig);
    const Stereo a = rig.run(1, sine(&Buses::dry, 220, rate, 0.1), jump);
    const Stereo b = copy.run(1, sine(&Buses::dry, 220, rate, 0.1), jump);
    CAPTURE(master_params[i].name);
    CHECK(gain_to_db(peak(octave_band(x[0], 12000, rate), rate / 2) / peak(x[0])) < -60);
    CHECK(a == b);
  }
}

}  // namespace auralis
