// SPDX-License-Identifier: MIT
#include "synth/source/air/air.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "model/maths.h"
#include "synth/modulation/waves.h"
#include "synth/simd/noise.h"

namespace auralis::source {
namespace {

using std::numbers::pi;

constexpr int bands = Air::bands;
constexpr int most_events = 24;  // in a quantum
constexpr double shower_period_s = 25.0;
constexpr double drop_softening_hz = 700.0;  // how fast an event rises
constexpr double click_softening_hz = 400.0;

void tune(Air::Band& band, double hz, double q, double rate) {
  band.g = static_cast<float>(maths::tan(pi * std::clamp(hz / rate, 1e-4, 0.45)));
  band.k = static_cast<float>(1.0 / q);
  band.share = 1.0F / (1.0F + band.g * (band.g + band.k));
}

// Unit gain at its middle. Zavalishin, The Art of VA Filter Design, rev. 2.1.2, ch. 4.
float pass(Air::Band& b, float x) {
  const float v1 = (b.s1 + b.g * (x - b.s2)) * b.share;
  const float v2 = b.s2 + b.g * v1;
  b.s1 = 2.0F * v1 - b.s1;
  b.s2 = 2.0F * v2 - b.s2;
  return b.k * v1;
}

struct Noise {
  uint32_t counter, key;
  float next() { return static_cast<float>(baseline::draw(counter++, key)); }
};

// What chance puts into this quantum: so many events at these frames, most of them soft.
struct Events {
  int count = 0;
  int at[most_events];
  float size[most_events];
  int which[most_events];

  Events(const Frame& f, double rate_hz, uint64_t purpose) {
    const uint64_t key = modulation::key_of(f.key, purpose);
    int64_t n = f.at;  // as many draws as frames belong to a quantum
    const auto drawn = [&] { return 0.5 + 0.5 * modulation::drawn(key, n++); };
    const double never = maths::exp(-rate_hz * quantum_frames / f.rate);
    for (double left = drawn(); left > never && count < most_events; left *= drawn()) {
      at[count] = std::min(quantum_frames - 1, static_cast<int>(drawn() * quantum_frames));
      size[count] = static_cast<float>(0.15 / (0.15 + drawn()));
      which[count] = std::min(bands - 1, static_cast<int>(drawn() * bands));
      ++count;
    }
  }
};

float wave_of(const Frame& f, Source kind, uint64_t purpose, double period_s, int64_t ahead) {
  const double t_s = static_cast<double>(f.at + ahead) / f.rate;
  return static_cast<float>(modulation::wave_at(kind, modulation::key_of(f.key, purpose), t_s, period_s));
}

float period_of(const Frame& f) { return f.asked[VoiceParam::air_period_s]; }

double sea_period_s(const Frame& f, int sea) {
  return static_cast<double>(period_of(f)) * (sea == 0 ? 1.0 : 1.43);
}
constexpr uint64_t sea_purpose(int sea) { return static_cast<uint64_t>(5 + sea); }

// From one value to the next over the quantum.
float passed(float from, float to, int n) {
  return from + (to - from) * static_cast<float>(n) * (1.0F / quantum_frames);
}

double wander_at(const Frame& f, int gap, int64_t ahead) {
  return 0.35 *
         static_cast<double>(wave_of(f, Source::pink, 20 + static_cast<uint64_t>(gap), period_of(f), ahead));
}

void tune(Air::State& s, const Frame& f) {
  const float tone = f.asked[VoiceParam::air_tone];
  const float made_for[3] = {tone, f.asked[VoiceParam::air_shape], static_cast<float>(f.rate)};
  if (!std::equal(made_for, made_for + 3, s.made_for)) {
    std::copy(made_for, made_for + 3, s.made_for);
    const double roof = 260.0 * maths::exp2(3.6 * static_cast<double>(tone));
    for (int i = 0; i < bands; ++i)
      tune(s.rain[i], roof * (i == 0 ? 1.0 : (i == 1 ? 2.3 : 5.1)), 1.1, f.rate);
    tune(s.vinyl, 1400.0 * maths::exp2(1.5 * static_cast<double>(tone)), 0.8, f.rate);
  }
  for (int gap = 0; gap < 2; ++gap) {
    const double hz = f.to * f.rate * (gap == 0 ? 1.0 : 3.3) * maths::exp2(wander_at(f, gap, quantum_frames));
    tune(s.wind[gap], hz, 3.0 + 9.0 * (1.0 - static_cast<double>(tone)), f.rate);
  }
}

void rain(Air::State& s, const Frame& f, Noise noise, float gain, Mono& made) {
  const auto rate_hz = static_cast<double>(f.asked[VoiceParam::air_rate_hz]);
  const float shower = wave_of(f, Source::pink, 1, shower_period_s, quantum_frames);
  const double falls = rate_hz * (1.0 + 0.5 * static_cast<double>(shower));
  const Events drops(f, std::max(0.0, falls), 2);
  const float fades[bands] = {static_cast<float>(maths::exp(-1.0 / (0.006 * f.rate))),
                              static_cast<float>(maths::exp(-1.0 / (0.0035 * f.rate))),
                              static_cast<float>(maths::exp(-1.0 / (0.002 * f.rate)))};
  const auto bed = static_cast<float>(0.012 * std::sqrt(rate_hz / 10.0));
  const auto softening = static_cast<float>(drop_softening_hz / f.rate);
  const auto less = static_cast<float>(1.0 / std::sqrt(1.0 + rate_hz / 60.0));
  for (int n = 0; n < quantum_frames; ++n) {
    for (int i = 0; i < drops.count; ++i) {
      if (drops.at[i] == n) s.drop[drops.which[i]] = std::max(s.drop[drops.which[i]], drops.size[i]);
    }
    const float here = bed * (1.0F + 0.6F * passed(s.shower, shower, n));
    float sum = 0.0F;
    for (int i = 0; i < bands; ++i) {
      const float x = noise.next();
      sum += pass(s.rain[i], x * (3.0F * s.splash[i] + here * (i == 2 ? 1.6F : 1.0F)));
      s.splash[i] += softening * (s.drop[i] - s.splash[i]);
      s.drop[i] *= fades[i];
    }
    made[n] += gain * 1.6F * less * sum;
  }
  s.shower = shower;
}

void surf(Air::State& s, const Frame& f, Noise noise, float gain, Mono& made) {
  const auto tone = static_cast<double>(f.asked[VoiceParam::air_tone]);
  for (int sea = 0; sea < 2; ++sea) {
    const double period_s = sea_period_s(f, sea);
    const uint64_t purpose = sea_purpose(sea);
    const float swell =
        wave_of(f, Source::gusts, purpose, period_s, quantum_frames) *
        (0.75F + 0.25F * wave_of(f, Source::pink, purpose + 4, 3.0 * period_s, quantum_frames));
    // The higher the wave, the brighter it breaks.
    const double hz = (120.0 + 1000.0 * tone) * maths::exp2((1.0 + 2.2 * tone) * static_cast<double>(swell));
    tune(s.surf[sea], hz, 0.5, f.rate);
    Air::Band band = s.surf[sea];
    for (int n = 0; n < quantum_frames; ++n) {
      const float size = passed(s.waves[sea], swell, n);
      made[n] += gain * 1.6F * pass(band, noise.next() * (0.06F + size * (0.35F + 0.65F * size)));
    }
    s.surf[sea] = band;
    s.waves[sea] = swell;
  }
}

void wind(Air::State& s, const Frame& f, Noise noise, float gain, Mono& made) {
  const auto period_s = static_cast<double>(period_of(f));
  const float gust = 0.25F + 0.75F * wave_of(f, Source::gusts, 11, period_s, quantum_frames);
  for (int gap = 0; gap < 2; ++gap) {
    const auto purpose = static_cast<uint64_t>(12 + gap);
    const float whistle = gust *
                          (0.6F + 0.4F * wave_of(f, Source::pink, purpose, 0.5 * period_s, quantum_frames)) *
                          (gap == 0 ? 1.0F : 0.3F * gust);
    Air::Band band = s.wind[gap];
    for (int n = 0; n < quantum_frames; ++n)
      made[n] += gain * 3.2F * passed(s.whistle[gap], whistle, n) * pass(band, noise.next());
    s.wind[gap] = band;
    s.whistle[gap] = whistle;
  }
}

void vinyl(Air::State& s, const Frame& f, Noise noise, float gain, Mono& made) {
  const Events clicks(f, static_cast<double>(f.asked[VoiceParam::air_rate_hz]), 15);
  const auto fade = static_cast<float>(maths::exp(-1.0 / (0.0006 * f.rate)));
  const auto softening = static_cast<float>(click_softening_hz / f.rate);
  for (int n = 0; n < quantum_frames; ++n) {
    for (int i = 0; i < clicks.count; ++i) {
      if (clicks.at[i] == n) s.click = std::max(s.click, clicks.size[i]);
    }
    const float x = noise.next();
    s.hiss += 0.5F * (noise.next() - s.hiss);
    s.crack += softening * (s.click - s.crack);
    made[n] += gain * (pass(s.vinyl, 4.0F * s.crack * x) + 0.05F * s.hiss);
    s.click *= fade;
  }
}

void settle(Air::Band& b) {
  b.s1 = settled(b.s1);
  b.s2 = settled(b.s2);
}

}  // namespace

void begin(Air::State& s, const Frame& f) {
  s = {};
  s.made_for[0] = -1.0F;
  for (int sea = 0; sea < 2; ++sea)
    s.waves[sea] = wave_of(f, Source::gusts, sea_purpose(sea), sea_period_s(f, sea), 0);
}

void sound(Air::State& s, const Frame& f, Level level, Mono& out) {
  tune(s, f);
  const float shape = f.asked[VoiceParam::air_shape];
  alignas(64) Mono made = {};
  using Sound = void (*)(Air::State&, const Frame&, Noise, float, Mono&);
  constexpr Sound sounds[] = {rain, surf, wind, vinyl};
  for (uint64_t i = 0; i < std::size(sounds); ++i) {
    const float gain = share(shape, static_cast<float>(i));
    // Three draws a frame at most.
    const Noise noise{static_cast<uint32_t>(f.at) * 3u,
                      static_cast<uint32_t>(modulation::key_of(f.key, 30 + i))};
    if (gain > 0.0F) sounds[i](s, f, noise, gain, made);
  }
  for (int n = 0; n < quantum_frames; ++n) out[n] += level.next() * made[n];
  for (auto& band : s.rain) settle(band);
  for (auto& band : s.wind) settle(band);
  for (auto& band : s.surf) settle(band);
  settle(s.vinyl);
  for (float& drop : s.drop) drop = settled(drop);
  for (float& splash : s.splash) splash = settled(splash);
  s.click = settled(s.click);
  s.crack = settled(s.crack);
  s.hiss = settled(s.hiss);
}

}  // namespace auralis::source
