// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "synth/fx/rig.h"

namespace auralis {
namespace {

using namespace test;
using P = MasterParam;

constexpr int rate = 44100;

}  // namespace

TEST_CASE("Zero in gives zero out, exactly, at every setting of every parameter") {
  for (size_t i = 0; i < master_param_count; ++i) {
    for (double value : {master_params[i].min, master_params[i].max}) {
      MasterPatch patch = everything();
      patch.values[i] = static_cast<float>(value);
      Rig rig(rate, patch);
      chord(rig);
      const Stereo x = rig.run(0.2, silence);
      CHECK(peak(x[0]) + peak(x[1]) == 0);
    }
  }
}

TEST_CASE("A tail ends: silence becomes exact zero, and until then nothing turns denormal") {
  MasterPatch patch = everything();
  patch[P::reverb_time_s] = 2;
  patch[P::resonator_decay_s] = 1;
  Rig rig(rate, patch);
  chord(rig);
  rig.run(1, busy(1));
  const Stereo tail = rig.run(60, silence);
  size_t denormal = 0;
  for (float v : tail[0]) denormal += v != 0 && std::abs(v) < std::numeric_limits<float>::min();
  CHECK(denormal == 0);
  CHECK(peak(tail[0], 0, rate) > 1e-3);
  const Stereo after = rig.run(1, silence);
  CHECK(peak(after[0]) + peak(after[1]) == 0);
}

TEST_CASE("Instances fed with parts sum to one fed with the whole, to below -100 dB") {
  Rig whole(rate, everything());
  Rig first(rate, everything());
  Rig second(rate, everything());
  for (Rig* rig : {&whole, &first, &second}) chord(*rig);
  // One part falls silent and comes back, so that its units sleep and wake on their own.
  const Feed a = busy(10);
  const Feed b = [](int64_t frame, Buses& buses) {
    if ((frame / (4 * rate)) % 4 == 0) noise(&Buses::delay, 0.2, 77)(frame, buses);
  };
  const Automate moving = [](int64_t frame, MasterPatch& patch, EffectsControl&) {
    const double t = static_cast<double>(frame) / rate;
    patch[P::delay_left_s] = t < 3 ? 0.4f : 0.9f;
    patch[P::chorus_hz] = t < 5 ? 0.3f : 2.0f;
    patch[P::reverb_size] = t < 6 ? 1.0f : 0.7f;
  };
  const Stereo all = whole.run(40, everywhere({a, b}), moving);
  const Stereo one = first.run(40, a, moving);
  const Stereo two = second.run(40, b, moving);
  for (size_t side = 0; side < 2; ++side) {
    Signal rest = difference(difference(all[side], one[side]), two[side]);
    CHECK(gain_to_db(rms(rest) / rms(all[side])) < -100);
  }
}

TEST_CASE("Every instruction set gives the same bits") {
  const auto run = [](Isa isa) {
    MasterPatch patch = everything();
    Rig rig(rate, patch, isa);
    chord(rig);
    Limiter limiter(rate, isa);
    const Automate moving = [](int64_t frame, MasterPatch& p, EffectsControl& control) {
      if (frame == 100 * quantum_frames) {
        p[P::reverb_size] = 1.4f;
        p[P::reverb_time_s] = 2;
        p[P::delay_left_s] = 0.3f;
        p[P::reverb_predelay_s] = 0.1f;
        control.tune_resonators(std::vector<double>{48, 55, 64});
      }
    };
    const Stereo x = rig.run(3, busy(5, 0.8), moving);
    Signal all;
    EffectsControl control(rate);
    for (size_t n = 0; n + quantum_frames <= x[0].size(); n += quantum_frames) {
      alignas(64) StereoQuantum in;
      alignas(64) StereoQuantum out;
      for (size_t side = 0; side < 2; ++side) std::copy_n(&x[side][n], quantum_frames, in[side]);
      control.advance(patch, static_cast<int64_t>(n));
      limiter.process(in, control.frame().limiter, out);
      all.insert(all.end(), &out[0][0], &out[0][0] + 2 * quantum_frames);
    }
    all.insert(all.end(), x[0].begin(), x[0].end());
    all.insert(all.end(), x[1].begin(), x[1].end());
    return all;
  };
  const Signal baseline = run(Isa::baseline);
  for (Isa isa : {Isa::avx2, Isa::avx512}) {
    if (isa > best_isa()) continue;
    CAPTURE(isa_name(isa));
    CHECK(run(isa) == baseline);
  }
}

TEST_CASE("Returns feed the reverb by their sends, and a return that is down feeds nothing") {
  const auto tail = [](P level, P send, Bus bus, float level_value, float send_value) {
    MasterPatch patch = plain_master();
    for (P p : {P::delay_level, P::cloud_level, P::resonator_level, P::spectral_level}) patch[p] = 0;
    patch[P::delay_feedback] = 0;
    patch[P::cloud_reach_s] = 0.1f;
    patch[P::resonator_decay_s] = 0.1f;
    patch[P::spectral_smear_s] = 0.5f;
    patch[level] = level_value;
    patch[send] = send_value;
    Rig rig(rate, patch);
    rig.control.tune_resonators(std::vector<double>{60});
    rig.run(4, noise(bus, 0.5));
    rig.run(2.5, silence);
    return rms(rig.run(1, silence)[0]);
  };
  struct Unit {
    P level, send;
    Bus bus;
  };
  for (const Unit& u : {Unit{P::delay_level, P::delay_to_reverb, &Buses::delay},
                        Unit{P::cloud_level, P::cloud_to_reverb, &Buses::cloud},
                        Unit{P::resonator_level, P::resonator_to_reverb, &Buses::resonator},
                        Unit{P::spectral_level, P::spectral_to_reverb, &Buses::spectral}}) {
    CHECK(tail(u.level, u.send, u.bus, 1, 1) > 1e-5);
    CHECK(tail(u.level, u.send, u.bus, 1, 0) < 1e-9);
    CHECK(tail(u.level, u.send, u.bus, 0, 1) < 1e-9);
  }
}

}  // namespace auralis
