// SPDX-License-Identifier: MIT
// Bodies, strings, pipes, choirs, waves and air, as voices play them.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "model/layer.h"
#include "model/music.h"
#include "model/units.h"
#include "synth/pieces.h"
#include "synth/spectrum.h"
#include "synth/voices.h"

using namespace auralis;
using namespace auralis::testing;

namespace {

using enum VoiceParam;

// One source at full level, and nothing else.
Patch source_patch(VoiceParam level, std::initializer_list<std::pair<VoiceParam, float>> settings = {}) {
  Patch patch = still_patch();
  patch[osc1_level] = 0.0F;
  patch[level] = 1.0F;
  for (const auto& [param, value] : settings) patch[param] = value;
  return patch;
}

constexpr size_t window = 1 << 17;

struct Lines {
  std::vector<double> bins;

  explicit Lines(const std::vector<float>& x, size_t from = 0) : bins(spectrum(x.data() + from, window)) {}

  static double bin_of(double hz) { return hz / test_rate * window; }
  // Within so many cents of a frequency.
  double peak(double hz, double cents = 30.0) const { return bins[peak_bin(hz, cents)]; }
  // The frequency of that peak, by a parabola through the logarithms.
  double peak_hz(double hz, double cents = 30.0) const {
    const size_t k = peak_bin(hz, cents);
    const double a = std::log(bins[k - 1]), b = std::log(bins[k]), c = std::log(bins[k + 1]);
    return (static_cast<double>(k) + 0.5 * (a - c) / (a - 2.0 * b + c)) * test_rate / window;
  }

 private:
  size_t peak_bin(double hz, double cents) const {
    const auto low = static_cast<std::ptrdiff_t>(bin_of(hz * std::exp2(-cents / 1200.0)));
    const auto high = static_cast<std::ptrdiff_t>(bin_of(hz * std::exp2(cents / 1200.0))) + 2;
    return static_cast<size_t>(std::max_element(bins.begin() + low, bins.begin() + high) - bins.begin());
  }
};

double cents_of(double hz, double of) { return 1200.0 * std::log2(hz / of); }

// The loudest of what lies more than 12 Hz from every multiple of a note's frequency, beside the loudest that is one, in dB.
double folded_db(const Lines& lines, double hz) {
  double own = 0.0, folded = 0.0;
  for (size_t k = 60; k < lines.bins.size(); ++k) {
    const double at = static_cast<double>(k) * test_rate / window;
    double& most = at > hz / 2 && std::abs(at - hz * std::round(at / hz)) < 12.0 ? own : folded;
    most = std::max(most, lines.bins[k]);
  }
  return 20.0 * std::log10(folded / own);
}

double rms(const std::vector<float>& x, size_t from, size_t count) {
  double sum = 0.0;
  for (size_t n = from; n < from + count; ++n) sum += static_cast<double>(x[n]) * static_cast<double>(x[n]);
  return std::sqrt(sum / static_cast<double>(count));
}

// Seconds in which a frequency's amplitude falls by 60 dB, from two windows a second apart.
double fall_s(const std::vector<float>& x, double hz) {
  const double early = std::abs(sine_at(x, hz, 22050, 22050));
  const double late = std::abs(sine_at(x, hz, 22050 + test_rate, 22050));
  return 3.0 / std::log10(early / late);
}

// Notes of every source in one layer, some while others sound.
std::vector<Event> piece_of(const Patch& patch, double seconds) {
  std::vector<Event> events{StartEvent{.seed = "1", .preset = "test", .key = "D", .mode = "dorian"},
                            PatchEvent{0.0, "pad", patch}};
  uint64_t id = 0;
  for (double t = 0.1; t + 1.0 < seconds; t += 0.37)
    events.push_back(NoteEvent{t, ++id, "pad", 50.0 + 5.3 * static_cast<double>(id % 7), 0.6, 1.1, 0.0});
  events.push_back(EndEvent{seconds});
  return events;
}

Patch all_sources() {
  Patch patch = builtin_patch("pad");
  patch[osc1_level] = patch[osc2_level] = patch[sub_level] = 0.0F;
  for (const VoiceParam level : {body_level, string_level, choir_level, wave_level, air_level})
    patch[level] = 0.4F;
  patch[body_rub] = 0.4F;
  patch[string_touch] = 0.6F;
  patch[wave_table] = 1.5F;
  patch[air_shape] = 1.4F;
  patch[attack_s] = 0.01F;
  return patch;
}

}  // namespace

TEST_CASE("A plucked and a bowed string sound within a cent of their note, a pipe within two") {
  for (const float touch : {0.0F, 1.0F, 2.0F}) {
    for (const double hz : {55.0, 146.83, 440.0, 1244.5, 2000.0}) {
      const Patch patch = source_patch(
          string_level,
          {{string_touch, touch}, {string_decay_s, 10.0F}, {string_noise, 0.0F}, {string_tone, 0.7F}});
      const Sounding sound = play_note(patch, note_at(pitch_of(hz)), 2 * window);
      const Lines lines(sound.left, window);
      CAPTURE(touch);
      CAPTURE(hz);
      CHECK(std::abs(cents_of(lines.peak_hz(hz), hz)) < (touch == 2.0F ? 2.0 : 1.0));
    }
  }
}

TEST_CASE("Choirs and waves sound at their note where they are not apart") {
  for (const VoiceParam level : {choir_level, wave_level}) {
    for (const double hz : {65.4, 440.0, 2000.0}) {
      const Patch patch =
          source_patch(level, {{choir_cents, 0.0F}, {wave_cents, 0.0F}, {wave_position, 0.5F}});
      const Sounding sound = play_note(patch, note_at(pitch_of(hz)), 3 * window / 2);
      CHECK(std::abs(cents_of(Lines(sound.left, window / 2).peak_hz(hz), hz)) < 0.2);
    }
  }
}

TEST_CASE("What sources fold lies 60 dB below them at notes up to 2 kHz") {
  struct Case {
    VoiceParam level, shape;
    std::initializer_list<float> shapes;
  };
  const Case cases[] = {{string_level, string_touch, {1.0F, 2.0F}},
                        {choir_level, choir_vowel, {0.0F, 2.0F, 4.0F}},
                        {wave_level, wave_table, {0.0F, 1.0F, 2.0F, 3.0F}}};
  for (const Case& c : cases) {
    for (const float shape : c.shapes) {
      for (const double hz : {61.0, 463.0, 1391.0, 1997.0}) {
        const Patch patch = source_patch(c.level, {{c.shape, shape},
                                                   {string_noise, 0.0F},
                                                   {string_force, 0.9F},
                                                   {string_tone, 0.9F},
                                                   {choir_cents, 0.0F},
                                                   {wave_cents, 0.0F},
                                                   {wave_position, 1.0F}});
        const Sounding sound = play_note(patch, note_at(pitch_of(hz)), 2 * window);
        const Lines lines(sound.left, window);
        CAPTURE(shape);
        CAPTURE(hz);
        CHECK(folded_db(lines, lines.peak_hz(hz)) < -60.0);
      }
    }
  }
}

TEST_CASE(
    "A bar's, a bowl's and a glass's partials stand where measurements have them, and none above the rate's "
    "half") {
  const std::pair<float, std::vector<double>> bodies[] = {{0.0F, {1.0, 2.757, 5.404, 8.933}},
                                                          {1.0F, {1.0, 2.778, 5.181, 8.163}},
                                                          {2.0F, {1.0, 2.32, 4.25, 6.63}},
                                                          {3.0F, {1.0, 2.0, 3.0, 3.667}}};
  for (const auto& [shape, ratios] : bodies) {
    const Patch patch = source_patch(
        body_level, {{body_shape, shape}, {body_decay_s, 30.0F}, {body_damping, 0.1F}, {body_strike, 1.0F}});
    const Sounding sound = play_note(patch, note_at(pitch_of(400.0)), 3 * window / 2);
    const Lines lines(sound.left, window / 2);
    double loudest = 0.0;
    for (const double ratio : ratios) loudest = std::max(loudest, lines.peak(400.0 * ratio));
    for (const double ratio : ratios) {
      CAPTURE(shape);
      CAPTURE(ratio);
      CHECK(lines.peak(400.0 * ratio) > 0.01 * loudest);
      CHECK(std::abs(cents_of(lines.peak_hz(400.0 * ratio), 400.0 * ratio)) < 4.0);
    }
    // An octave from the top nothing of a high note is mirrored.
    const Sounding high = play_note(patch, note_at(pitch_of(3000.0)), 3 * window / 2);
    const Lines lines_high(high.left, window / 2);
    double below = 0.0;
    for (size_t k = 200; k < static_cast<size_t>(Lines::bin_of(2500.0)); ++k)
      below = std::max(below, lines_high.bins[k]);
    CHECK(20.0 * std::log10(below / lines_high.peak(3000.0)) < -60.0);
  }
}

TEST_CASE("A body's lowest partial and a plucked string die away in the time asked") {
  for (const float seconds : {0.8F, 3.0F, 9.0F}) {
    const Patch body = source_patch(body_level, {{body_shape, 0.0F}, {body_decay_s, seconds}});
    CHECK(fall_s(play_note(body, note_at(pitch_of(441.0)), 3 * test_rate).left, 441.0) ==
          doctest::Approx(static_cast<double>(seconds)).epsilon(0.03));
    const Patch string = source_patch(string_level, {{string_decay_s, seconds}, {string_tone, 0.8F}});
    CHECK(fall_s(play_note(string, note_at(pitch_of(441.0)), 3 * test_rate).left, 441.0) ==
          doctest::Approx(static_cast<double>(seconds)).epsilon(0.05));
  }
}

TEST_CASE(
    "A rubbed body, a bowed string and a pipe last as long as the note; struck and plucked they do not") {
  const auto late = [](const Patch& patch) {
    const Sounding sound = play_note(patch, note_at(60.0), 8 * test_rate);
    return rms(sound.left, 7 * test_rate, test_rate);
  };
  CHECK(late(source_patch(body_level, {{body_rub, 1.0F}, {body_decay_s, 2.0F}})) > 0.02);
  CHECK(late(source_patch(body_level, {{body_decay_s, 2.0F}})) < 1e-4);
  CHECK(late(source_patch(string_level, {{string_touch, 1.0F}, {string_decay_s, 2.0F}})) > 0.02);
  CHECK(late(source_patch(string_level, {{string_touch, 2.0F}})) > 0.02);
  CHECK(late(source_patch(string_level, {{string_decay_s, 2.0F}})) < 1e-4);
}

TEST_CASE(
    "A vowel's first formant is where the choir is loudest, and moves with the vowel while a note sounds") {
  Patch patch = source_patch(choir_level, {{choir_vowel, 2.0F}, {choir_cents, 0.0F}});
  const auto share_near = [](const Lines& lines, double hz) {
    return 20.0 * std::log10(lines.peak(hz) / lines.peak(100.0));
  };
  const Lines a(play_note(patch, note_at(pitch_of(100.0)), 3 * window / 2).left, window / 2);
  patch[choir_vowel] = 4.0F;
  const Lines i(play_note(patch, note_at(pitch_of(100.0)), 3 * window / 2).left, window / 2);
  CHECK(share_near(a, 800.0) > share_near(i, 800.0) + 10.0);
  CHECK(share_near(i, 300.0) > share_near(a, 300.0) + 6.0);

  voice::Pool pool(test_rate, 16, best_isa());
  patch[choir_vowel] = 2.0F;
  pool.move(0, patch);
  pool.begin(note_at(pitch_of(100.0)), "test");
  Sounding sound;
  play(pool, 32768, sound);
  patch[choir_vowel] = 4.0F;
  pool.move(0, patch);
  play(pool, 3 * window / 2, sound);
  const Lines moved(sound.left, sound.left.size() - window);
  CHECK(std::abs(share_near(moved, 800.0) - share_near(i, 800.0)) < 1.0);
  CHECK(std::abs(share_near(moved, 300.0) - share_near(i, 300.0)) < 1.0);
}

TEST_CASE("No weather comes round: its envelope is unlike itself from 2 to 60 seconds later") {
  for (const float shape : {0.0F, 1.0F, 2.0F, 3.0F}) {
    const Patch patch = source_patch(air_level, {{air_shape, shape}, {air_period_s, 4.0F}});
    constexpr size_t hop = test_rate / 10;
    voice::Pool pool(test_rate, 16, best_isa());
    pool.move(0, patch);
    pool.begin(note_at(60.0), "test");
    std::vector<double> level;
    for (int part = 0; part < 1200; ++part) {
      Sounding sound;
      play(pool, test_rate / 10 / quantum_frames * quantum_frames + quantum_frames, sound);
      level.push_back(std::log10(1e-5 + rms(sound.left, 0, hop - hop % quantum_frames)));
    }
    double mean = 0.0, power = 0.0;
    for (const double x : level) mean += x / static_cast<double>(level.size());
    for (double& x : level) {
      x -= mean;
      power += x * x;
    }
    double highest = 0.0;
    for (size_t lag = 20; lag <= 600; ++lag) {
      double sum = 0.0;
      for (size_t n = 0; n + lag < level.size(); ++n) sum += level[n] * level[n + lag];
      highest = std::max(highest, sum / power);
    }
    CAPTURE(shape);
    CHECK(highest < 0.25);
  }
}

TEST_CASE("Sources give the same bits with every instruction set, block and number of threads") {
  const std::vector<Event> events = piece_of(all_sources(), 4.0);
  const std::vector<float> all = rendered(events, {});
  CHECK(energy(all) > 1.0);
  for (const Isa isa : {Isa::baseline, Isa::avx2}) CHECK(rendered(events, {.isa = isa}) == all);
  CHECK(rendered(events, {}, 441) == all);
  CHECK(rendered(events, {.threads = 2}) == all);
}

TEST_CASE("A copy of voices with sources goes on as they do") {
  Patch patch = source_patch(string_level, {{string_touch, 0.5F}});
  for (const VoiceParam level : {body_level, choir_level, wave_level, air_level}) patch[level] = 0.5F;
  patch[body_rub] = 0.5F;
  const auto both = with_its_copy(patch, [](voice::Pool&) {});
  CHECK(both[0].left == both[1].left);
  CHECK(std::any_of(both[0].left.begin(), both[0].left.end(), [](float x) { return x != 0.0F; }));
}

TEST_CASE("A note has the sources that its layer has at its onset, and what it has glides") {
  voice::Pool pool(test_rate, 16, best_isa());
  pool.move(0, source_patch(osc1_level));
  pool.begin(note_at(60.0), "test");
  Sounding before;
  play(pool, 4096, before);
  Patch patch = source_patch(wave_level);
  pool.move(0, patch);
  pool.begin(note_at(67.0, 0, int64_t{1} << 40, 2), "test");
  Sounding sound;
  play(pool, 3 * window / 2, sound);
  const Lines lines(sound.left, window / 2);
  CHECK(lines.peak(midi_to_hz(67.0)) > 1000.0 * lines.peak(midi_to_hz(60.0)));
  patch[wave_level] = 0.0F;
  pool.move(0, patch);
  Sounding after;
  play(pool, 8192, after);
  CHECK(rms(after.left, 4096, 4096) < 1e-6);
}

TEST_CASE("Of any number of waves, one after another, each sounds as it is, and what sounds keeps its own") {
  const auto wave_of = [](std::vector<float> partials) {
    return Spectra{std::make_shared<const Spectra::Frames>(Spectra::Frames{std::move(partials)})};
  };
  voice::Pool pool(test_rate, 16, best_isa());
  pool.move(0, source_patch(wave_level, {{wave_table, 4.0F}, {wave_cents, 0.0F}}));
  pool.set_wave(0, wave_of({0.0F, 0.0F, 0.0F, 0.0F, 1.0F}));
  pool.begin(note_at(60.0), "test");
  Sounding sound;
  for (int i = 1; i <= 300; ++i) {
    pool.set_wave(0, wave_of({0.0F, 0.0F, 1.0F, static_cast<float>(i) / 1000.0F}));
    play(pool, 256, sound);
  }
  pool.begin(note_at(67.0, 0, int64_t{1} << 40, 2), "test");
  sound.left.clear();
  play(pool, 3 * window / 2, sound);
  const Lines lines(sound.left, window / 2);
  const double first = midi_to_hz(60.0), last = midi_to_hz(67.0);
  CHECK(lines.peak(5.0 * first) > 1000.0 * lines.peak(2.0 * first));
  CHECK(lines.peak(3.0 * last) > 1000.0 * lines.peak(2.0 * last));
  CHECK(lines.peak(4.0 * last) == doctest::Approx(0.3 * lines.peak(3.0 * last)).epsilon(0.02));
}
