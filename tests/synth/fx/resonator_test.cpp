// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "synth/fx/rig.h"

namespace auralis {
namespace {

using namespace test;
using P = MasterParam;

constexpr int rate = 44100;

}  // namespace

TEST_CASE("Resonators ring at the pitches of the chord within 2 cents, and decay in the time asked") {
  for (double decay : {0.5, 4.0, 20.0}) {
    MasterPatch patch = plain_master();
    patch[P::resonator_decay_s] = static_cast<float>(decay);
    for (double pitch : {33.0, 57.3, 86.0}) {
      Rig rig(rate, patch);
      rig.control.tune_resonators(std::vector<double>{pitch});
      rig.run(1, silence);
      rig.run(1, noise(&Buses::resonator, 0.5));
      const Stereo x = rig.run(std::max(2.0, decay), silence);
      const double hz = midi_to_hz(pitch);
      const double found =
          frequency_near(x[0], hz, rate, static_cast<size_t>(std::min(1.0, decay / 2) * rate));
      CAPTURE(decay);
      CAPTURE(pitch);
      CHECK(std::abs(1200 * std::log2(found / hz)) < 2);
      CHECK(decay_s(x[0], rate) == doctest::Approx(decay).epsilon(0.05));
    }
  }
}

TEST_CASE("Resonators: a new chord takes over, and an empty one silences the bank") {
  MasterPatch patch = plain_master();
  patch[P::resonator_decay_s] = 2;
  Rig rig(rate, patch);
  rig.control.tune_resonators(std::vector<double>{60});
  rig.run(2, noise(&Buses::resonator, 0.5));
  rig.control.tune_resonators(std::vector<double>{64});
  rig.run(3, noise(&Buses::resonator, 0.5));
  const Stereo x = rig.run(2, noise(&Buses::resonator, 0.5));
  CHECK(amplitude(x[0], midi_to_hz(64), rate, 0, 2 * rate) >
        30 * amplitude(x[0], midi_to_hz(60), rate, 0, 2 * rate));
  rig.control.tune_resonators({});
  rig.run(3, noise(&Buses::resonator, 0.5));
  CHECK(peak(rig.run(1, noise(&Buses::resonator, 0.5))[0]) < 1e-12);
}

TEST_CASE("Changing chords does not click") {
  Rig rig(rate, everything());
  rig.patch[P::resonator_level] = 1;
  rig.patch[P::cloud_level] = 0;
  rig.patch[P::shimmer] = 0;  // it climbs to where clicks are looked for
  chord(rig);
  const Stereo x = rig.run(8, sine(&Buses::resonator, 146.83, rate, 0.3),
                           [](int64_t frame, MasterPatch&, EffectsControl& control) {
                             if (frame == 3 * rate / 64 * 64)
                               control.tune_resonators(std::vector<double>{52, 59, 62});
                             if (frame == 4 * rate / 64 * 64)
                               control.tune_resonators(std::vector<double>{50, 57, 64});
                           });
  CHECK(gain_to_db(peak(octave_band(x[0], 10000, rate), rate)) < -70);
}

}  // namespace auralis
