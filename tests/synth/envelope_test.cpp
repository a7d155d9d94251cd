// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "synth/voices.h"

using namespace auralis;
using namespace auralis::testing;

namespace {

// A sine of 3 kHz under the envelope, and the same one without it: their ratio is the envelope, frame by frame.
struct Shaped {
  std::vector<float> shaped, held;
  double at(int64_t frame) const {  // where the sine is large, nearest after this frame
    auto n = static_cast<size_t>(frame);
    while (std::abs(held[n]) < 0.3F) ++n;
    return static_cast<double>(shaped[n]) / static_cast<double>(held[n]);
  }
  int64_t first_at_least(double level, int64_t from = 0) const {
    for (auto n = static_cast<size_t>(from); n < held.size(); ++n) {
      if (std::abs(held[n]) > 0.3F &&
          static_cast<double>(shaped[n]) / static_cast<double>(held[n]) >= level) {
        return static_cast<int64_t>(n);
      }
    }
    return -1;
  }
};

Patch sine_patch(double attack, double decay, double sustain, double release) {
  Patch patch = still_patch();
  patch[VoiceParam::osc1_shape] = 0.0F;
  patch[VoiceParam::attack_s] = static_cast<float>(attack);
  patch[VoiceParam::decay_s] = static_cast<float>(decay);
  patch[VoiceParam::sustain] = static_cast<float>(sustain);
  patch[VoiceParam::release_s] = static_cast<float>(release);
  return patch;
}

constexpr double pitch = 102.2;

Shaped shaped(const Patch& patch, int64_t held_frames, int64_t frames, int onset = 0) {
  const Patch flat = sine_patch(0.001, 1.0, 1.0, 1.0);
  return {play_note(patch, note_at(pitch, onset, held_frames), frames).left,
          play_note(flat, note_at(pitch, 0), frames).left};
}

}  // namespace

TEST_CASE("Attack, decay and release take their documented times within 1 %") {
  for (const auto& [attack, decay, release] :
       {std::tuple(0.02, 0.05, 0.03), {0.1, 0.3, 0.2}, {0.5, 2.0, 1.0}}) {
    constexpr double sustain = 0.25;
    const auto held = static_cast<int64_t>((attack + 1.6 * decay) * test_rate);
    const Shaped s = shaped(sine_patch(attack, decay, sustain, release), held,
                            held + static_cast<int64_t>(1.3 * release * test_rate));
    CAPTURE(attack);
    const double risen_s = static_cast<double>(s.first_at_least(0.999)) / test_rate;
    CHECK(risen_s == doctest::Approx(attack).epsilon(0.01));
    // 1 % of the time on the way down is a factor of 1000^0.01.
    const double tolerance = std::pow(1000.0, 0.01) - 1.0;
    const double decayed = (s.at(std::lround((attack + decay) * test_rate)) - sustain) / (1.0 - sustain);
    CHECK(decayed == doctest::Approx(0.001).epsilon(tolerance));
    const double level = s.at(held - 8);
    const double released = s.at(held + std::lround(release * test_rate)) / level;
    CHECK(released == doctest::Approx(0.001).epsilon(tolerance));
  }
}

TEST_CASE(
    "A note begins on its frame and not before, and its release on its frame, wherever in a quantum they "
    "lie") {
  for (int onset : {0, 1, 17, 63}) {
    for (int64_t held : {1000, 1024, 1063}) {
      const Patch patch = sine_patch(0.002, 1.0, 1.0, 0.005);
      const Shaped s = shaped(patch, held, 4096, onset);
      CAPTURE(onset);
      CAPTURE(held);
      for (int n = 0; n < onset; ++n) REQUIRE(s.shaped[static_cast<size_t>(n)] == 0.0F);
      int64_t first = 0;
      while (s.shaped[static_cast<size_t>(first)] == 0.0F) ++first;
      CHECK(first - onset <= 8);  // the equaliser's delay, and a sine may begin near its zero
      const Shaped unreleased = shaped(patch, 100000, 4096, onset);
      int64_t differs = 0;
      while (s.shaped[static_cast<size_t>(differs)] == unreleased.shaped[static_cast<size_t>(differs)])
        ++differs;
      CHECK(differs - (onset + held) >= 0);
      CHECK(differs - (onset + held) <= 2);
    }
  }
}

TEST_CASE("A note released during its attack falls from where it was") {
  const auto held = static_cast<int64_t>(0.05 * test_rate);
  const Shaped s = shaped(sine_patch(0.1, 1.0, 1.0, 0.1), held, 20000);
  const double before = s.at(held - 16);
  const double after = s.at(held + 16);
  CHECK(before > 0.3);
  CHECK(before < 0.8);
  CHECK(after == doctest::Approx(before).epsilon(0.03));
  CHECK(s.at(held + std::lround(0.1 * test_rate)) == doctest::Approx(0.001 * before).epsilon(0.1));
}

TEST_CASE("An attack of 1 ms leaves silence without a step") {
  const Sounding s = play_note(sine_patch(0.001, 1.0, 1.0, 0.1), note_at(60.0, 20), 2048);
  float step = 0.0F;
  for (size_t n = 1; n < 30; ++n) step = std::max(step, std::abs(s.left[n] - s.left[n - 1]));
  CHECK(step < 0.02F);  // a sine of MIDI 60 itself moves by 0.026 a frame
}

// The modulation envelope by the sound that a little phase modulation adds, which is proportional to it: the attack
// that fits its rise best.
double fitted_attack_s(double asked_s, int onset) {
  using enum VoiceParam;
  Patch none = sine_patch(0.001, 1.0, 1.0, 1.0);
  Patch rising = none;
  rising[fm_index] = 0.2F;
  rising[fm_ratio] = 2.4F;
  rising[mod_attack_s] = static_cast<float>(asked_s);
  Patch full = rising;
  full[fm_env] = 0.0F;
  const int64_t frames = onset + std::lround(2.0 * asked_s * test_rate);
  const auto played = [&](const Patch& patch) {
    return play_note(patch, note_at(pitch, onset), frames).left;
  };
  const std::vector<float> without = played(none);
  const std::vector<float> some = played(rising);
  const std::vector<float> all = played(full);
  const auto misfit = [&](double attack_s) {
    double sum = 0.0;
    for (size_t n = 0; n < all.size(); ++n) {
      constexpr double delay = 6.0;  // the equaliser's
      const double since_s = (static_cast<double>(n) - onset - delay) / test_rate;
      const double root = 1.25 * (1.0 - std::pow(5.0, -std::clamp(since_s / attack_s, 0.0, 1.0)));
      const double added = static_cast<double>(all[n]) - static_cast<double>(without[n]);
      sum +=
          std::pow(static_cast<double>(some[n]) - static_cast<double>(without[n]) - root * root * added, 2.0);
    }
    return sum;
  };
  double low_s = 0.5 * asked_s;
  double high_s = 2.0 * asked_s;
  while (high_s - low_s > 0.0005 * asked_s) {
    const double third_s = (high_s - low_s) / 3.0;
    if (misfit(low_s + third_s) < misfit(high_s - third_s)) {
      high_s -= third_s;
    } else {
      low_s += third_s;
    }
  }
  return low_s;
}

TEST_CASE(
    "Modulation attacks take their times within 1 %, from 1 ms on and wherever in a quantum they begin") {
  for (const double attack_s : {0.001, 0.0015, 0.003, 0.008, 0.01, 0.03}) {
    for (const int onset : {0, 21, 63}) {
      CAPTURE(onset);
      CHECK(fitted_attack_s(attack_s, onset) == doctest::Approx(attack_s).epsilon(0.01));
    }
  }
}

TEST_CASE(
    "The modulation envelope reaches the filter within its times, and a voice that sank to silence is over") {
  const Patch patch = sine_patch(0.001, 0.2, 0.0, 0.1);
  voice::Pool pool(test_rate, 16, best_isa());
  pool.move(0, patch);
  pool.begin(note_at(pitch), "test");
  Sounding out;
  play(pool, test_rate / 4, out);
  CHECK(pool.voices() == 1);  // -60 dB at 0.2 s, -100 dB at 0.334 s
  play(pool, test_rate / 8, out);
  CHECK(pool.voices() == 0);
  CHECK_FALSE(pool.sounds(0));
}
