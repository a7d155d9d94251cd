// SPDX-License-Identifier: MIT
// The modulation matrix: what its sources are, and what its routes make of parameters, voices and sound.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <string>
#include <vector>

#include "model/layer.h"
#include "synth/clicks.h"
#include "synth/modulation/routes.h"
#include "synth/modulation/waves.h"
#include "synth/pieces.h"
#include "synth/voice/own_motion.h"
#include "synth/voices.h"

using namespace auralis;
using namespace auralis::testing;
using modulation::wave_at;

namespace {

using enum VoiceParam;

constexpr uint64_t some_key = 0x1234567;

std::vector<Source> waves() {
  std::vector<Source> all;
  for (size_t i = 0; i < source_count; ++i) {
    if (sources[i].kind == SourceKind::wave) all.push_back(static_cast<Source>(i));
  }
  return all;
}

std::vector<double> sampled(Source wave, double period_s, double step_s, size_t count,
                            uint64_t key = some_key) {
  std::vector<double> x(count);
  for (size_t i = 0; i < count; ++i) x[i] = wave_at(wave, key, static_cast<double>(i) * step_s, period_s);
  return x;
}

double correlation(const std::vector<double>& x, size_t lag) {
  double mean = 0.0;
  for (double v : x) mean += v / static_cast<double>(x.size());
  double of_lag = 0.0, of_none = 0.0;
  for (size_t i = 0; i + lag < x.size(); ++i) {
    of_lag += (x[i] - mean) * (x[i + lag] - mean);
    of_none += (x[i] - mean) * (x[i] - mean);
  }
  return of_lag / of_none;
}

// What moves may add to it.
Patch dark() {
  Patch patch = dark_patch();
  patch[gain_db] = -12.0F;
  return patch;
}

Route route(VoiceParam param, Source source, double depth, double period_s = 2.0, bool own = false) {
  return settled({param, source, depth, period_s, own});
}

std::vector<Event> piece(const Patch& patch, const Modulation& modulation, double seconds = 3.0) {
  StartEvent start;
  start.seed = "7";
  std::vector<Event> events{start, PatchEvent{0.0, "probe", patch, modulation}};
  for (uint64_t id = 1; id <= 3; ++id) {
    const double t = 0.3 * static_cast<double>(id);
    events.push_back(
        NoteEvent{t, id, "probe", 45.0 + 7.0 * static_cast<double>(id), 0.7, seconds - t - 0.5, 0.0});
  }
  events.push_back(EndEvent{seconds});
  return events;
}

// By every source that may move a parameter, each at a third of its range; but not to pitches above 12 kHz, and not to
// a release of less than 50 ms, which are heard as what they are.
Modulation all_routes_to(VoiceParam param, bool own) {
  const double depth = param == tune_st ? 4.0 : param == release_s ? 0.15 : greatest_depth(param) / 3.0;
  Modulation all;
  for (size_t s = 0; s < source_count; ++s) {
    Route one = route(param, static_cast<Source>(s), depth, 0.5, own);
    if (one.source == Source::key) one.depth /= 4.0;
    if (!is_arc(one) && !route_fault(one)) all.push_back(one);
  }
  return all;
}

// The highest step in dBFS in any of the piece's moments.
double worst_click_db(const std::vector<Event>& events, double seconds) {
  const std::vector<float> stereo = rendered(events, {.max_voices = 64});
  double worst = -200.0;
  for (size_t side = 0; side < 2; ++side) {
    std::vector<float> x(stereo.size() / 2);
    for (size_t n = 0; n < x.size(); ++n) x[n] = stereo[2 * n + side];
    const ClickMeter meter(x, test_rate);
    for (double t = 0.1; t < seconds - 0.15; t += 0.01) worst = std::max(worst, meter.step_db(t, t + 0.01));
  }
  return worst;
}

}  // namespace

TEST_CASE("Every wave stays in its range, and none steps") {
  for (const Source wave : waves()) {
    CAPTURE(info_of(wave).name);
    const Range range = info_of(wave).range;
    for (const double period_s : {0.25, 1.0, 30.0}) {
      CAPTURE(period_s);
      for (uint64_t key = 0; key < 5; ++key) {
        const std::vector<double> x = sampled(wave, period_s, 0.001, 40000, key);
        double steepest = 0.0;
        for (size_t i = 0; i < x.size(); ++i) {
          REQUIRE(x[i] >= range.low);
          REQUIRE(x[i] <= range.high);
          if (i > 0) steepest = std::max(steepest, std::abs(x[i] - x[i - 1]));
        }
        // A whole range in 30 ms, with a smooth step's slope; the fastest walks of pink noise are 0.2 s long.
        CHECK(steepest < 1.5 * (range.high - range.low) * 0.001 / 0.025);
        CHECK(steepest > 0.0);
      }
    }
  }
}

TEST_CASE("Sine, triangle and ramp reach both ends once a period, and repeat after it") {
  for (const Source wave : {Source::sine, Source::triangle, Source::ramp}) {
    CAPTURE(info_of(wave).name);
    const std::vector<double> x = sampled(wave, 10.0, 0.01, 4000);
    for (size_t from = 0; from < 3000; from += 1000) {
      const auto [low, high] = std::minmax_element(x.begin() + static_cast<long>(from),
                                                   x.begin() + static_cast<long>(from) + 1000);
      CHECK(*low < -0.99);
      CHECK(*high > 0.99);
    }
    for (size_t i = 0; i + 1000 < x.size(); ++i) REQUIRE(std::abs(x[i + 1000] - x[i]) < 1e-9);
  }
  // Of a ramp, nine tenths rise.
  const std::vector<double> ramp = sampled(Source::ramp, 10.0, 0.01, 4000);
  long rising = 0;
  for (size_t i = 1; i < ramp.size(); ++i) rising += ramp[i] > ramp[i - 1];
  CHECK(static_cast<double>(rising) / 4000.0 == doctest::Approx(0.9).epsilon(0.01));
}

TEST_CASE("Sample and hold stands still for nine tenths of each period, at another value in every one") {
  const std::vector<double> x = sampled(Source::steps, 1.0, 0.01, 100000);
  long still = 0;
  for (size_t i = 1; i < x.size(); ++i) still += x[i] == x[i - 1];
  CHECK(static_cast<double>(still) / 100000.0 == doctest::Approx(0.9).epsilon(0.02));
  CHECK(std::abs(correlation(x, 100)) < 0.1);
  double sum = 0.0, squares = 0.0;
  for (double v : x) sum += v / 100000.0, squares += v * v / 100000.0;
  CHECK(std::abs(sum) < 0.06);                                 // even about 0,
  CHECK(squares == doctest::Approx(1.0 / 3.0).epsilon(0.08));  // and over the whole range
}

TEST_CASE("A walk turns about once a period and never comes round") {
  const std::vector<double> x = sampled(Source::walk, 10.0, 0.1, 100000);
  int turned = 0;
  for (size_t i = 2; i < x.size(); ++i) turned += (x[i] - x[i - 1]) * (x[i - 1] - x[i - 2]) < 0.0;
  CHECK(turned / 1000.0 > 0.8);
  CHECK(turned / 1000.0 < 1.25);
  for (size_t lag = 200; lag < 6000; lag += 50) CHECK(std::abs(correlation(x, lag)) < 0.15);
}

TEST_CASE("Pink noise falls by 3 dB an octave, from its period to a second") {
  constexpr double period_s = 40.0, step_s = 0.05;
  constexpr size_t count = 2048;
  std::vector<double> log_power;
  for (double hz = 0.05; hz < 0.9; hz *= 2.0) {
    double power = 0.0;
    for (uint64_t key = 0; key < 200; ++key) {
      const std::vector<double> x = sampled(Source::pink, period_s, step_s, count, key);
      std::complex<double> sum = 0.0;
      for (size_t i = 0; i < count; ++i) {
        const double window = 0.5 - 0.5 * std::cos(2.0 * M_PI * (static_cast<double>(i) + 0.5) / count);
        sum += window * x[i] * std::polar(1.0, -2.0 * M_PI * hz * step_s * static_cast<double>(i));
      }
      power += std::norm(sum);
    }
    log_power.push_back(std::log2(power));
  }
  const double octaves = static_cast<double>(log_power.size() - 1);
  CHECK((log_power.front() - log_power.back()) / octaves == doctest::Approx(1.0).epsilon(0.2));
  for (size_t i = 1; i < log_power.size(); ++i) {
    CHECK(log_power[i - 1] - log_power[i] > 0.4);
    CHECK(log_power[i - 1] - log_power[i] < 1.7);
  }
}

TEST_CASE("Gusts rise faster than they fall, leave calm between them, and have no period") {
  const std::vector<double> x = sampled(Source::gusts, 10.0, 0.1, 100000);
  constexpr size_t second = 10;
  double rise = 0.0, fall = 0.0;
  for (size_t i = second; i < x.size(); ++i) {
    rise = std::max(rise, x[i] - x[i - second]);
    fall = std::max(fall, x[i - second] - x[i]);
  }
  CHECK(rise > 1.5 * fall);
  std::vector<double> sorted = x;
  std::sort(sorted.begin(), sorted.end());
  CHECK(sorted[sorted.size() / 10] < 0.1);
  CHECK(sorted[sorted.size() - 100] > 0.8);
  for (size_t lag = 200; lag < 600; lag += 10) CHECK(correlation(x, lag) < 0.15);
}

TEST_CASE("Where a layer's routes are depends on the time alone, not on how one came there") {
  const Modulation routes{route(cutoff_hz, Source::walk, 1.0), route(pan, Source::pink, 0.5),
                          route(pan, Source::gusts, -0.5), route(reverb_send, Source::steps, 0.4)};
  const auto begun = [&] {
    modulation::LayerRoutes layer(test_rate, 9, "pad");
    layer.go_to(routes, 0, 0);
    return layer;
  };
  modulation::LayerRoutes straight = begun();
  Patch there = builtin_patch("pad");
  for (int64_t quantum = 0; quantum <= 5000; ++quantum) {
    there = builtin_patch("pad");
    straight.move(there, quantum);
    if (quantum % 777 != 0) continue;
    modulation::LayerRoutes late = begun();
    Patch at_once = builtin_patch("pad");
    late.move(at_once, quantum);
    CHECK(at_once == there);
  }
  CHECK_FALSE(there == builtin_patch("pad"));
  // Another seed, another layer: other movements.
  for (auto [seed, name] : {std::pair(10, "pad"), std::pair(9, "lead")}) {
    modulation::LayerRoutes other(test_rate, static_cast<uint64_t>(seed), name);
    other.go_to(routes, 0, 0);
    Patch elsewhere = builtin_patch("pad");
    other.move(elsewhere, 5000);
    CHECK_FALSE(elsewhere == there);
  }
}

TEST_CASE("A sound that moves is the same for any blocks, threads and instruction set, and in a copy") {
  std::vector<Event> events = short_piece(4.0);
  const Modulation routes{
      route(cutoff_hz, Source::walk, 2.0),          route(osc1_shape, Source::steps, 1.0, 0.5, true),
      route(gain_db, Source::pink, 6.0, 1.0, true), route(fm_index, Source::amp_env, 2.0),
      route(release_s, Source::random, 2.0),        route(reverb_send, Source::gusts, 0.5, 1.0)};
  events.insert(events.begin() + 1, {PatchEvent{0.0, "pad", builtin_patch("pad"), routes},
                                     PatchEvent{0.0, "bells", builtin_patch("bells"), routes}});
  const std::vector<float> whole = rendered(events, {});
  CHECK(whole == rendered(events, {}, 100));
  CHECK(whole == rendered(events, {.threads = 2}, 4411));
  CHECK(whole == rendered(events, {.isa = Isa::baseline}));
  std::vector<Event> still = events;
  for (size_t i = 1; i <= 2; ++i) std::get<PatchEvent>(still[i]).modulation.clear();
  CHECK_FALSE(whole == rendered(still, {}));

  Renderer original({});
  for (const Event& event : events) original.push(event);
  std::vector<float> begin(2 * 70000), rest(whole.size() - begin.size());
  original.render(70000, begin.data());
  Renderer copy(original);
  copy.render(static_cast<int64_t>(rest.size() / 2), rest.data());
  CHECK(std::equal(rest.begin(), rest.end(), whole.begin() + static_cast<long>(begin.size())));
}

TEST_CASE("A depth of 0 is no route, to the bit") {
  const Patch patch = builtin_patch("pad");
  Modulation none;
  for (size_t p = 0; p < voice_param_count; ++p) {
    for (const bool own : {false, true}) {
      const Route one = route(static_cast<VoiceParam>(p), Source::walk, 0.0, 1.0, own);
      if (!route_fault(one) && none.size() < 16) none.push_back(one);
    }
  }
  CHECK(rendered(piece(patch, none), {}) == rendered(piece(patch, {}), {}));
}

TEST_CASE("Every voice that moves by itself goes its own way") {
  const Patch patch = builtin_patch("pad");
  voice::PatchRows rows;
  rows.move(patch, test_rate);
  modulation::LayerRoutes layer(test_rate, 9, "pad");
  layer.go_to({route(cutoff_hz, Source::walk, 1.0, 5.0, true), route(pan, Source::random, 0.5),
               route(sub_level, Source::velocity, 0.3), route(resonance, Source::key, 0.1),
               route(osc1_level, Source::amp_env, -0.2)},
              0, 0);
  const voice::LayerSound sound{rows, layer.own()};
  const auto at = [&](uint64_t id, double vel, double pitch, double envelope) {
    voice::Note note{.id = id, .pitch = pitch, .vel = vel};
    voice::OwnMotion motion;
    motion.begin(note, 1000, test_rate, sound);
    return motion.patch_at(sound, 5000, {envelope, 0.0});
  };
  const Patch first = at(1, 0.5, 60, 0.0);
  CHECK(first == at(1, 0.5, 60, 0.0));
  for (uint64_t id = 2; id < 20; ++id) {
    const Patch other = at(id, 0.5, 60, 0.0);
    CHECK(other[cutoff_hz] != first[cutoff_hz]);
    CHECK(other[pan] != first[pan]);
    CHECK(other[sub_level] == first[sub_level]);
    CHECK(other[resonance] == first[resonance]);
  }
  CHECK(at(1, 1.0, 60, 0.0)[sub_level] - patch[sub_level] == doctest::Approx(0.3));
  CHECK(at(1, 0.5, 72, 0.0)[resonance] - patch[resonance] == doctest::Approx(0.1));
  CHECK(at(1, 0.5, 48, 0.0)[resonance] - patch[resonance] == doctest::Approx(-0.1));
  CHECK(at(1, 0.5, 60, 1.0)[osc1_level] - patch[osc1_level] == doctest::Approx(-0.2));
}

TEST_CASE("What a route moves is heard: a sine of 6 dB on the level is one of 6 dB on the sound") {
  for (const bool own : {false, true}) {
    CAPTURE(own);
    Patch patch = dark();
    std::vector<Event> events{StartEvent{},
                              PatchEvent{0.0, "probe", patch, {route(gain_db, Source::sine, 6.0, 2.0, own)}},
                              NoteEvent{0.0, 1, "probe", 69.0, 1.0, 9.0, 0.0}, EndEvent{8.0}};
    const std::vector<float> stereo = rendered(events, {});
    double low = 1.0, high = 0.0;
    for (double t = 1.0; t < 7.0; t += 0.05) {
      double peak = 0.0;
      for (size_t n = 0; n < 441; ++n)
        peak = std::max(peak,
                        std::abs(static_cast<double>(stereo[2 * (static_cast<size_t>(t * test_rate) + n)])));
      low = std::min(low, peak);
      high = std::max(high, peak);
    }
    CHECK(20.0 * std::log10(high / low) == doctest::Approx(12.0).epsilon(0.02));
  }
}

TEST_CASE("All sources together on any parameter, of the layer or of each voice, make no click") {
  for (size_t p = 0; p < voice_param_count; ++p) {
    for (const bool own : {false, true}) {
      const Modulation routes = all_routes_to(static_cast<VoiceParam>(p), own);
      // Drops of rain are edges by themselves.
      if (routes.empty() || static_cast<VoiceParam>(p) == VoiceParam::air_level) continue;
      CAPTURE(voice_params[p].name);
      CAPTURE(own);
      CHECK(worst_click_db(piece(dark(), routes), 3.0) < audible_step_db);
    }
  }
}

TEST_CASE("Routes come and go under a sounding note without a step, and what is in both patches goes on") {
  const Modulation routes{route(gain_db, Source::steps, -20.0, 0.5), route(cutoff_hz, Source::sine, 2.0, 3.0),
                          route(pan, Source::random, 1.0), route(osc1_level, Source::walk, 0.8, 1.0, true)};
  std::vector<Event> events = piece(dark(), {});
  const auto patch_at = [&](double t, const Modulation& modulation, double glide) {
    events.insert(events.end() - 1, PatchEvent{t, "probe", dark(), modulation, glide});
  };
  patch_at(1.0, routes, 0.0);
  patch_at(1.3, {routes[0], routes[2]}, 0.0);
  patch_at(1.33, {}, 0.0);
  patch_at(1.36, routes, 0.0);
  patch_at(1.8, {}, 0.3);
  CHECK(worst_click_db(events, 3.0) < audible_step_db);
  // Long after they have gone, nothing is left of them.
  const std::vector<float> moved = rendered(events, {}), still = rendered(piece(dark(), {}), {});
  const auto from = static_cast<long>(2 * 2.4 * test_rate);
  double worst = 0.0;
  for (long n = from; n < static_cast<long>(still.size()); ++n)
    worst = std::max(
        worst, std::abs(static_cast<double>(moved[static_cast<size_t>(n)] - still[static_cast<size_t>(n)])));
  CHECK(worst < 1e-4);
}

TEST_CASE("Patches upon patches with other routes take no more memory than the limits allow") {
  modulation::LayerRoutes layer(test_rate, 1, "pad");
  for (int64_t quantum = 0; quantum < 2000; ++quantum) {
    Modulation routes;
    for (int i = 0; i < 16; ++i)
      routes.push_back(
          route(pan, Source::sine, 0.1, 1.0 + 0.01 * static_cast<double>(quantum) + i, i % 2 == 0));
    layer.go_to(routes, quantum, 35);
    layer.own_changed(quantum);
    CHECK(layer.own().size() <= modulation::most_at_once);
  }
  layer.go_to({}, 2000, 35);
  layer.own_changed(2200);
  CHECK_FALSE(layer.of_layer());
  CHECK(layer.own().empty());
}
