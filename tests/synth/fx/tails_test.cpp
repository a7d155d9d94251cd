// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "synth/denormals.h"
#include "synth/fx/rig.h"

#if defined(__SSE2__)

namespace auralis {
namespace {

using namespace test;
using P = MasterParam;

constexpr int rate = 44100;

// The share of the quanta of some seconds that meet any.
double share_of(Rig& rig, double seconds, const Feed& feed) {
  int met = 0;
  int all = 0;
  const auto quanta = static_cast<int>(seconds * rate / quantum_frames);
  for (; all < quanta; ++all) {
    Buses buses{};
    feed(rig.frame, buses);
    rig.control.advance(rig.patch, rig.frame);
    alignas(64) StereoQuantum out;
    met += meets_denormals([&] { rig.effects.process(buses, rig.control.frame(), out); });
    rig.frame += quantum_frames;
  }
  return static_cast<double>(met) / all;
}

MasterPatch short_tails() {
  MasterPatch patch = everything();
  patch[P::reverb_time_s] = 0.3F;
  patch[P::resonator_decay_s] = 0.1F;
  patch[P::delay_left_s] = 0.02F;
  patch[P::delay_right_s] = 0.02F;
  patch[P::delay_feedback] = 0.1F;
  return patch;
}

}  // namespace

TEST_CASE("The flags that these tests read are raised where they should be") {
  volatile float small = 1e-38F;
  CHECK(meets_denormals([&] { small = small * 0.01F; }));
  CHECK_FALSE(meets_denormals([&] { small = 1.0F; }));
}

TEST_CASE("The tails of all effects end without numbers too small for normal form") {
  for (const MasterPatch& patch : {everything(), short_tails()}) {
    Rig rig(rate, patch);
    chord(rig);
    rig.run(1, busy(1));
    CHECK(share_of(rig, 40, silence) < 0.001);
  }
}

TEST_CASE("Nor does a silent side, or a silent bus, beside one that sounds meet them") {
  for (const Bus bus : all_buses) {
    Rig rig(rate, short_tails());
    chord(rig);
    rig.run(1, busy(1));
    const Feed left = [bus](int64_t frame, Buses& buses) {
      noise(bus, 0.1)(frame, buses);
      std::fill_n((buses.*bus)[1], quantum_frames, 0.0F);
    };
    CHECK(share_of(rig, 10, left) < 0.001);
  }
}

TEST_CASE("Nor does a chord that gives way to another while its bank fades") {
  Rig rig(rate, short_tails());
  chord(rig);
  rig.run(1, busy(1));
  rig.control.tune_resonators(std::vector<double>{48, 55, 64});
  CHECK(share_of(rig, 3, noise(&Buses::resonator, 0.1)) < 0.001);
}

}  // namespace auralis
#endif
