// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>

#include "synth/fx/rig.h"

namespace auralis {
namespace {

using namespace test;
using P = MasterParam;

constexpr int rate = 44100;
constexpr size_t second = rate;

MasterPatch at_ratio(float ratio) {
  MasterPatch patch = default_master_patch();
  patch[P::dynamics_ratio] = ratio;
  return patch;
}

double response_db(const MasterPatch& patch, double hz, double level) {
  FinishRig rig(rate, patch);
  const Stereo x = rig.run(3, sine(&Buses::dry, hz, rate, level));
  return gain_to_db(amplitude(x[0], hz, rate, 2 * second, 3 * second) / level);
}

// A tone of 1 kHz, and with it a hit of 55 Hz that dies away, 6 dB above full scale.
void tone_and_hit(int64_t frame, Buses& buses) {
  sine(&Buses::dry, 1000, rate, 0.2)(frame, buses);
  for (int n = 0; n < quantum_frames; ++n) {
    const double t = static_cast<double>(frame + n) / rate - 1;
    if (t < 0) continue;
    const double hit =
        2 * std::min(1.0, t / 0.006) * std::exp(-t / 0.4) * std::sin(2 * std::numbers::pi * 55 * t);
    for (auto& side : buses.dry) side[n] += static_cast<float>(hit);
  }
}

struct Heard {
  double duck_db;     // what 1 kHz loses
  double limiter_db;  // of which the limiter takes
};
Heard hear(const MasterPatch& patch) {
  FinishRig rig(rate, patch);
  Limiter limiter(rate);
  EffectsControl control(rate);
  const Stereo x = rig.run(3, tone_and_hit);
  Stereo limited;
  for (size_t n = 0; n < x[0].size(); n += quantum_frames) {
    alignas(64) StereoQuantum in;
    alignas(64) StereoQuantum out;
    for (size_t side = 0; side < 2; ++side) std::copy_n(&x[side][n], quantum_frames, in[side]);
    control.advance(patch, static_cast<int64_t>(n));
    limiter.process(in, control.frame().limiter, out);
    for (size_t side = 0; side < 2; ++side)
      limited[side].insert(limited[side].end(), out[side], out[side] + quantum_frames);
  }
  Heard heard{};
  for (size_t from = second - 2048; from < 2 * second; from += 512) {
    const auto late = static_cast<size_t>(limiter.lookahead_frames());
    const double before = amplitude(x[0], 1000, rate, from, from + 2048) / 0.2;
    const double after = amplitude(limited[0], 1000, rate, from + late, from + late + 2048) / 0.2;
    heard.duck_db = std::max(heard.duck_db, -gain_to_db(after));
    heard.limiter_db = std::max(heard.limiter_db, gain_to_db(before / after));
  }
  return heard;
}

}  // namespace

TEST_CASE("Dynamics: while nothing is above a threshold the bands sum to the mix, within 0.01 dB") {
  MasterPatch patch = at_ratio(8);
  for (const P p : {P::dynamics_low_db, P::dynamics_mid_db, P::dynamics_high_db}) patch[p] = 0;
  for (const double hz : {30.0, 80.0, 120.0, 170.0, 400.0, 1000.0, 2500.0, 3500.0, 5000.0, 15000.0}) {
    CAPTURE(hz);
    CHECK(std::abs(response_db(patch, hz, 0.1) - response_db(default_master_patch(), hz, 0.1)) < 0.01);
  }
}

TEST_CASE("Dynamics: above its threshold a band comes out 1/ratio as high, and the others are left alone") {
  MasterPatch patch = at_ratio(4);
  patch[P::dynamics_low_db] = -30;
  patch[P::dynamics_mid_db] = 0;
  patch[P::dynamics_high_db] = 0;
  // Two octaves below the crossover, where the middle band carries 0.4 % of it.
  const double plain_db = response_db(default_master_patch(), 30, 0.1);
  const auto reduced_db = [&](double db) { return response_db(patch, 30, db_to_gain(db)) - plain_db; };
  CHECK(reduced_db(-10) == doctest::Approx(-15).epsilon(0.03));
  CHECK(reduced_db(-18) == doctest::Approx(-9).epsilon(0.03));
  CHECK(std::abs(reduced_db(-34)) < 0.05);
  CHECK(std::abs(response_db(patch, 1000, db_to_gain(-10))) < 0.05);
}

TEST_CASE("Dynamics: a hit of 55 Hz, 6 dB too loud, no longer pushes 1 kHz down") {
  CHECK(hear(at_ratio(1)).duck_db > 4);
  const Heard heard = hear(at_ratio(10));
  CHECK(heard.duck_db < 2);
  CHECK(heard.limiter_db < 2);
}

TEST_CASE(
    "Finish: with nothing asked the mix passes bit for bit, and every instruction set gives the same bits") {
  FinishRig plain(rate, default_master_patch());
  Rig without(rate, default_master_patch());
  CHECK(plain.run(1, busy(3)) == without.run(1, busy(3)));
  MasterPatch patch = at_ratio(6);
  patch[P::dynamics_mid_db] = -30;
  patch[P::tape_wow_cents] = 30;
  patch[P::tape_flutter_cents] = 20;
  patch[P::tape_drive_db] = 9;
  patch[P::tape_hiss_db] = -60;
  patch[P::eq_bell1_db] = 6;
  patch[P::eq_low_cut_hz] = 40;
  patch[P::width_mono_hz] = 120;
  const auto run = [&](Isa isa) { return FinishRig(rate, patch, isa).run(3, busy(5, 0.5)); };
  const Stereo baseline = run(Isa::baseline);
  for (const Isa isa : {Isa::avx2, Isa::avx512}) {
    if (isa > best_isa()) continue;
    CAPTURE(isa_name(isa));
    CHECK(run(isa) == baseline);
  }
}

}  // namespace auralis
