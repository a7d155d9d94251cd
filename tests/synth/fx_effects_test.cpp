// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "fx_rig.h"

namespace auralis {
namespace {

using namespace test;
using P = MasterParam;

constexpr int rate = 44100;

constexpr Bus all_buses[] = {&Buses::dry,    &Buses::chorus, &Buses::delay,
                             &Buses::reverb, &Buses::cloud,  &Buses::resonator};

// Every unit at work, modulated and feeding the next.
MasterPatch everything() {
  MasterPatch patch = default_master_patch();
  patch[P::cloud_level] = 0.7f;
  patch[P::resonator_level] = 0.3f;
  patch[P::shimmer] = 0.4f;
  return patch;
}

Feed everywhere(const std::vector<Feed>& feeds) {
  return [feeds](int64_t frame, Buses& buses) {
    for (const Feed& feed : feeds) feed(frame, buses);
  };
}

Feed busy(uint64_t seed, double level = 0.1) {
  std::vector<Feed> feeds;
  for (size_t i = 0; i < std::size(all_buses); ++i) feeds.push_back(noise(all_buses[i], level, seed + i));
  return everywhere(feeds);
}

void chord(Rig& rig) { rig.control.tune_resonators(std::vector<double>{50, 57, 62, 65}); }

// The frequency of a tone known roughly: how far its phase runs from one stretch to the next.
double frequency_near(const Signal& x, double hz, size_t length) {
  const auto phase = [&](size_t from) {
    std::complex<double> sum = 0;
    for (size_t n = from; n < from + length; ++n) {
      const double window =
          1 - std::cos(2 * std::numbers::pi * static_cast<double>(n - from) / static_cast<double>(length));
      sum += window * x[n] * std::polar(1.0, -2 * std::numbers::pi * hz * static_cast<double>(n) / rate);
    }
    return sum;
  };
  return hz + std::arg(phase(length / 2) / phase(0)) / (2 * std::numbers::pi) * 2 * rate /
                  static_cast<double>(length);
}

size_t peak_at(const Signal& x, size_t from, size_t to) {
  size_t best = from;
  for (size_t n = from; n < std::min(to, x.size()); ++n) {
    if (std::abs(x[n]) > std::abs(x[best])) best = n;
  }
  return best;
}

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
      limiter.process(in, control, out);
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

TEST_CASE("The dry sound passes unchanged above the DC block, which takes a constant out to below -80 dB") {
  Rig rig(rate);
  const Stereo tone = rig.run(4, sine(&Buses::dry, 30, rate));
  CHECK(gain_to_db(amplitude(tone[0], 30, rate, 2 * rate, 4 * rate) / 0.5) ==
        doctest::Approx(0).epsilon(0.1));
  const Feed constant = [](int64_t, Buses& buses) {
    std::fill_n(&buses.dry[0][0], 2 * quantum_frames, 0.5f);
  };
  rig.run(1, constant);
  const Stereo x = rig.run(1, constant);
  CHECK(gain_to_db(rms(x[0]) / 0.5) < -80);
}

TEST_CASE("Gain is the level of the whole mix, and its lowest setting is silence") {
  MasterPatch patch = plain_master();
  patch[P::gain_db] = -20;
  CHECK(gain_to_db(rms(Rig(rate, patch).run(1, sine(&Buses::dry, 1000, rate))[0]) * std::numbers::sqrt2 /
                   0.5) == doctest::Approx(-20).epsilon(0.01));
  patch[P::gain_db] = -60;
  CHECK(peak(Rig(rate, patch).run(1, sine(&Buses::dry, 1000, rate))[0]) == 0);
}

TEST_CASE("Delay: each side's tap comes at its own time, and its repeats cross to the other side") {
  MasterPatch patch = plain_master();
  patch[P::delay_left_s] = 0.3f;
  patch[P::delay_right_s] = 0.5f;
  patch[P::delay_feedback] = 0.8f;
  patch[P::delay_low_hz] = 20;
  patch[P::delay_high_hz] = 20000;
  // Into the left alone: left at 0.3, right at 0.3 + 0.5, left again at 0.3 + 0.5 + 0.3.
  const Stereo x = Rig(rate, patch).run(2, impulse(&Buses::delay, 1, 0));
  CHECK(peak_at(x[0], 0, 25000) == 13230);
  CHECK(peak_at(x[1], 0, x[1].size()) == doctest::Approx(0.8 * rate).epsilon(0.0002));
  CHECK(peak_at(x[0], 20000, x[0].size()) == doctest::Approx(1.1 * rate).epsilon(0.0002));
  CHECK(peak(x[1], 0, 30000) < 0.01);
  CHECK(x[0][13230] == doctest::Approx(1).epsilon(0.01));
}

TEST_CASE("Delay: repeats fall by the feedback, and lose what lies outside its band") {
  MasterPatch patch = plain_master();
  patch[P::delay_left_s] = patch[P::delay_right_s] = 0.5f;
  patch[P::delay_feedback] = 0.7f;
  patch[P::delay_low_hz] = 200;
  patch[P::delay_high_hz] = 3000;
  // Bursts of one frequency: how much the second repeat is below the first.
  const auto fall = [&](double hz) {
    Rig rig(rate, patch);
    const Stereo x = rig.run(2, [&](int64_t frame, Buses& buses) {
      if (frame < 16384) sine(&Buses::delay, hz, rate)(frame, buses);
    });
    const auto start = static_cast<size_t>(0.5 * rate);
    return amplitude(x[0], hz, rate, 2 * start + 4096, 2 * start + 12288) /
           amplitude(x[0], hz, rate, start + 4096, start + 12288);
  };
  CHECK(fall(800) == doctest::Approx(0.7).epsilon(0.06));
  CHECK(fall(200) == doctest::Approx(0.7 / std::numbers::sqrt2).epsilon(0.05));
  CHECK(fall(3000) == doctest::Approx(0.7 / std::numbers::sqrt2).epsilon(0.08));
  CHECK(fall(50) < 0.2);
  CHECK(fall(12000) < 0.25);
}

TEST_CASE("Delay: stays bounded at the greatest feedback, depth and rate of modulation") {
  for (float time : {0.02f, 0.2f, 1.0f}) {  // a fifth of a second is the period of the modulation
    MasterPatch patch = plain_master();
    patch[P::delay_left_s] = patch[P::delay_right_s] = time;
    patch[P::delay_feedback] = 0.95f;
    patch[P::delay_low_hz] = 20;
    patch[P::delay_high_hz] = 20000;
    patch[P::delay_mod_hz] = 5;
    patch[P::delay_mod_ms] = 20;
    Rig rig(rate, patch);
    rig.run(40, noise(&Buses::delay, 0.1));
    const double settled = rms(rig.run(10, noise(&Buses::delay, 0.1))[0]);
    rig.run(40, noise(&Buses::delay, 0.1));
    CAPTURE(time);
    CHECK(rms(rig.run(10, noise(&Buses::delay, 0.1))[0]) < 1.3 * settled);
    CHECK(settled < 1);
  }
}

TEST_CASE(
    "Chorus: what passes through it keeps its level and gains width, with no tone in time with the quanta") {
  MasterPatch patch = default_master_patch();
  const Feed mono = [](int64_t frame, Buses& buses) {
    noise(&Buses::chorus, 0.5)(frame, buses);
    std::copy_n(buses.chorus[0], quantum_frames, buses.chorus[1]);
  };
  const Stereo x = Rig(rate, patch).run(8, mono);
  CHECK(std::abs(gain_to_db(rms(x[0], rate) * std::sqrt(3.0) / 0.5)) < 1);
  const double c = correlation(x, rate, 8 * rate);
  CHECK(c > 0.2);
  CHECK(c < 0.8);

  patch[P::chorus_depth_ms] = 10;
  patch[P::chorus_hz] = 5;
  const Stereo y = Rig(rate, patch).run(4, sine(&Buses::chorus, 300, rate));
  for (int side_band : {-1, 1}) {  // steps between quanta would mirror the tone about multiples of 689 Hz
    for (int k = 2; k < 8; ++k) {
      CHECK(gain_to_db(amplitude(y[0], k * 44100.0 / 64 + side_band * 300, rate, rate, 3 * rate)) < -90);
    }
  }
}

TEST_CASE("Chorus: the voices move at the rate and by the depth that were asked") {
  MasterPatch patch = default_master_patch();
  patch[P::chorus_hz] = 0.5f;
  patch[P::chorus_depth_ms] = 8;
  // Impulses every 50 ms: the delay of the first voice after each.
  Rig rig(rate, patch);
  constexpr int spacing = 2240;
  const Stereo x = rig.run(4, [](int64_t frame, Buses& buses) {
    if (frame % spacing == 0) buses.chorus[0][0] = 1;
  });
  double least = 1e9, most = 0;
  for (size_t at = 0; at + spacing < x[0].size(); at += spacing) {
    for (size_t n = at + 100; n < at + spacing; ++n) {
      if (std::abs(x[0][n]) < 0.2f) continue;
      least = std::min(least, static_cast<double>(n - at));
      most = std::max(most, static_cast<double>(n - at));
    }
  }
  // Voices lie 6 and 9.5 ms behind, and move by twice the depth.
  CHECK(least / rate * 1000 == doctest::Approx(6).epsilon(0.03));
  CHECK(most / rate * 1000 == doctest::Approx(9.5 + 16).epsilon(0.03));
}

TEST_CASE("Cloud: half of the grains are transposed, by the interval asked, and nothing folds down") {
  for (float semitones : {12.0f, -12.0f, 24.0f}) {
    MasterPatch patch = plain_master();
    patch[P::cloud_pitch_st] = semitones;
    patch[P::cloud_density_hz] = 40;
    patch[P::cloud_size_ms] = 200;
    Rig rig(rate, patch);
    rig.run(6, sine(&Buses::cloud, 600, rate));
    const Stereo x = rig.run(20, sine(&Buses::cloud, 600, rate));
    constexpr size_t length = 1 << 19;
    const auto s = power_spectrum(x[0], 0, length);
    const auto band = [&](double hz) {
      double sum = 0;
      for (auto k = static_cast<size_t>((hz - 40) * length / rate);
           k < static_cast<size_t>((hz + 40) * length / rate); ++k)
        sum += s[k];
      return sum;
    };
    const double moved_hz = 600 * semitones_to_ratio(semitones);
    CAPTURE(semitones);
    CHECK(std::abs(10 * std::log10(band(moved_hz) / band(600))) < 3);
    CHECK(band(moved_hz) + band(600) > 1000 * band(1000));
    CHECK(std::abs(gain_to_db(rms(x[0]) * std::numbers::sqrt2 / 0.5)) < 3);
  }
  // 15 kHz transposed up two octaves would fold to 15.9 kHz, and far below it at other speeds.
  MasterPatch patch = plain_master();
  patch[P::cloud_pitch_st] = 24;
  Rig rig(rate, patch);
  rig.run(6, sine(&Buses::cloud, 15000, rate));
  const Stereo x = rig.run(10, sine(&Buses::cloud, 15000, rate));
  CHECK(gain_to_db(amplitude(x[0], 44100.0 * 2 - 60000, rate, 0, 10 * rate) /
                   amplitude(x[0], 15000, rate, 0, 10 * rate)) < -40);
}

TEST_CASE("Cloud: grains come as densely as asked, and last as long") {
  MasterPatch patch = plain_master();
  patch[P::cloud_density_hz] = 3;
  patch[P::cloud_size_ms] = 100;
  patch[P::cloud_pitch_st] = 0;
  Rig rig(rate, patch);
  rig.run(5, noise(&Buses::cloud, 0.5));
  const Stereo x = rig.run(100, noise(&Buses::cloud, 0.5));
  int grains = 0;
  int64_t sounding = 0;
  bool before = false;
  for (size_t n = 0; n + 441 < x[0].size(); n += 441) {
    const bool now = peak(x[0], n, n + 441) + peak(x[1], n, n + 441) > 0.02;
    grains += now && !before;
    sounding += now ? 1 : 0;
    before = now;
  }
  // Some grains touch, so fewer are seen; their soft ends are not.
  CHECK(grains / 100.0 == doctest::Approx(2.4).epsilon(0.2));
  CHECK(static_cast<double>(sounding) / 100 / 100 == doctest::Approx(3 * 0.1).epsilon(0.2));
}

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
      const double found = frequency_near(x[0], hz, static_cast<size_t>(std::min(1.0, decay / 2) * rate));
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

TEST_CASE("Returns feed the reverb by their sends, and a return that is down feeds nothing") {
  const auto tail = [](P level, P send, Bus bus, float level_value, float send_value) {
    MasterPatch patch = plain_master();
    for (P p : {P::delay_level, P::cloud_level, P::resonator_level}) patch[p] = 0;
    patch[P::delay_feedback] = 0;
    patch[P::cloud_reach_s] = 0.1f;
    patch[P::resonator_decay_s] = 0.1f;
    patch[level] = level_value;
    patch[send] = send_value;
    Rig rig(rate, patch);
    rig.control.tune_resonators(std::vector<double>{60});
    rig.run(4, noise(bus, 0.5));
    rig.run(1.5, silence);
    return rms(rig.run(1, silence)[0]);
  };
  struct Unit {
    P level, send;
    Bus bus;
  };
  for (const Unit& u : {Unit{P::delay_level, P::delay_to_reverb, &Buses::delay},
                        Unit{P::cloud_level, P::cloud_to_reverb, &Buses::cloud},
                        Unit{P::resonator_level, P::resonator_to_reverb, &Buses::resonator}}) {
    CHECK(tail(u.level, u.send, u.bus, 1, 1) > 1e-5);
    CHECK(tail(u.level, u.send, u.bus, 1, 0) < 1e-9);
    CHECK(tail(u.level, u.send, u.bus, 0, 1) < 1e-9);
  }
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
