// SPDX-License-Identifier: MIT
#include "synth/source/body/body.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "model/maths.h"
#include "synth/modulation/waves.h"
#include "synth/simd/functions.h"
#include "synth/source/body/partials.h"

namespace auralis::source {
namespace {

using std::numbers::pi;

constexpr int modes = Body::modes;
constexpr double octaves_per_60_db = 9.965784284662087;
constexpr double highest = Body::highest;
constexpr float strength = Body::strength;

// The partials of a shape between two bodies.
void shape_partials(Body::State& s, float shape) {
  if (s.shape == shape) return;
  s.shape = shape;
  const auto lower = static_cast<size_t>(std::min(2.0F, std::max(0.0F, shape)));
  const double up = static_cast<double>(shape) - static_cast<double>(lower);
  for (size_t m = 0; m < modes; ++m) {
    const BodyPartial& a = bodies[lower][m];
    const BodyPartial& b = bodies[lower + 1][m];
    s.ratio[m] = a.ratio + up * (b.ratio - a.ratio);
    s.strength[m] = a.level + up * (b.level - a.level);
  }
}

// How much each loses in a frame. What moves it is slow, so that it follows every 16 quanta.
void lose(Body::State& s, const Frame& f) {
  const float made_for[3] = {s.shape, f.asked[VoiceParam::body_decay_s], f.asked[VoiceParam::body_damping]};
  const bool due = s.increment < 0.0 || f.at / quantum_frames % 16 == 0;
  if (!due || std::equal(made_for, made_for + 3, s.loss_made_for)) return;
  std::copy(made_for, made_for + 3, s.loss_made_for);
  s.increment = -1.0;
  const auto lower = static_cast<size_t>(std::min(2.0F, std::max(0.0F, s.shape)));
  const double up = static_cast<double>(s.shape) - static_cast<double>(lower);
  for (size_t m = 0; m < modes; ++m) {
    const double a = bodies[lower][m].keeps, b = bodies[lower + 1][m].keeps;
    const double lasts_s = static_cast<double>(made_for[1]) * (a + up * (b - a)) *
                           maths::exp2(-1.7 * static_cast<double>(made_for[2]) * maths::log2(s.ratio[m]));
    s.loss[m] = maths::exp2(-octaves_per_60_db / (std::max(lasts_s, 0.002) * f.rate));
  }
}

// The turns for where pitch and patch are now.
void tune(Body::State& s, const Frame& f) {
  using namespace baseline;
  const float shape = f.asked[VoiceParam::body_shape];
  const bool same_shape = s.shape == shape;
  shape_partials(s, shape);
  lose(s, f);
  if (same_shape && s.increment == f.to) return;
  s.increment = f.to;
  for (int m = 0; m < modes; m += half_lanes) {
    const D turn = f.to * load<D>(s.ratio + m);
    const D loss = load<D>(s.loss + m);
    const L there = turn < highest;
    const D angle = (D)((L)(2.0 * turn) & there);  // half turns, below 0.9
    const D kept = (D)((L)loss & there);
    store(s.turn_re + m, to_float(-kept * sin_pi(angle - 0.5)));
    store(s.turn_im + m, to_float(kept * sin_pi(angle)));
  }
}

double audible(double turn) {
  return std::clamp((highest - turn) / (highest - Body::highest_full), 0.0, 1.0);
}

// What a mode gets of a blow at this place.
double at_place(double place, size_t mode) {
  const double half_waves = static_cast<double>(mode / 2 + 1);
  const double turned = 0.5 * place * half_waves;  // cycles
  const double wave = maths::cos(2.0 * pi * turned);
  return 0.35 + 0.65 * wave * wave;
}

// Gives back what the modes lose, once a quantum.
void rub(Body::State& s, const Frame& f, float rubbed) {
  const double t_s = static_cast<double>(f.at) / f.rate;
  const double hand = 1.0 + 0.35 * modulation::wave_at(Source::pink, f.key, t_s, 7.0);
  for (size_t m = 0; m < modes; ++m) {
    const double loud = audible(f.to * s.ratio[m]);
    if (loud == 0.0) continue;
    const double wanted = static_cast<double>(rubbed) * static_cast<double>(strength) * s.strength[m] * hand *
                          loud / (1.0 + 0.6 * (s.ratio[m] - 1.0));
    const auto re = static_cast<double>(s.re[m]), im = static_cast<double>(s.im[m]);
    const double size = std::sqrt(re * re + im * im);
    if (size >= wanted) continue;
    // Half the way in a sixth of a second, and from nothing a beginning at −80 dB, each mode at its own phase.
    const double next = size + (wanted - size) * 0.006;
    if (size < 1e-4 * wanted) {
      s.re[m] = static_cast<float>(1e-4 * wanted * modulation::drawn(f.key, static_cast<int64_t>(m)));
      s.im[m] = static_cast<float>(1e-4 * wanted);
    } else {
      s.re[m] = static_cast<float>(re * (next / size));
      s.im[m] = static_cast<float>(im * (next / size));
    }
  }
}

}  // namespace

void begin(Body::State& s, const Frame& f) {
  s = {};
  s.increment = -1.0;
  s.shape = -1.0F;
  tune(s, f);
  const auto vel = static_cast<double>(f.vel);
  const double hardness =
      std::clamp(static_cast<double>(f.asked[VoiceParam::body_strike]) * (0.4 + 0.6 * vel), 0.0, 1.0);
  const double long_s = 0.009 * maths::exp2(-5.9 * hardness);
  const double frames = std::max(2.0, std::min(long_s * f.rate, 0.7 / f.to));
  s.pulse_turn = static_cast<float>(2.0 / frames);
  s.pulse_at = -s.pulse_turn * (static_cast<float>(f.onset) + static_cast<float>(blow_after_s * f.rate));
  const auto place = static_cast<double>(f.asked[VoiceParam::body_place]);
  const double blow = 1.0 - static_cast<double>(f.asked[VoiceParam::body_rub]);
  // An arch's spectrum at the lowest partial, so that a soft blow is as loud there as a hard one.
  const double turns = f.to * frames;
  const double arch = std::abs(turns - 1.0) < 1e-6 || turns < 1e-9
                          ? 1.0
                          : maths::sin(pi * turns) / (pi * turns * (1.0 - turns * turns));
  s.pulse_gain = static_cast<float>(static_cast<double>(strength) * std::max(blow, 0.0) /
                                    (frames * std::max(arch, 0.2)));
  for (size_t m = 0; m < modes; ++m) {
    s.given[m] = static_cast<float>(s.strength[m] * at_place(place, m) * audible(f.to * s.ratio[m]));
  }
}

void sound(Body::State& s, const Frame& f, Level level, Mono& out) {
  using namespace baseline;  // the vectors of four, which every machine has
  tune(s, f);
  const float rubbed = f.asked[VoiceParam::body_rub];
  if (rubbed > 0.0F) rub(s, f, rubbed);
  Q re[modes / 4], im[modes / 4], c[modes / 4], d[modes / 4], g[modes / 4];
  for (int i = 0; i < modes / 4; ++i) {
    re[i] = load<Q>(s.re + 4 * i);
    im[i] = load<Q>(s.im + 4 * i);
    c[i] = load<Q>(s.turn_re + 4 * i);
    d[i] = load<Q>(s.turn_im + 4 * i);
    g[i] = load<Q>(s.given + 4 * i);
  }
  float pulse_at = s.pulse_at;
  for (int n = 0; n < quantum_frames; ++n) {
    float blow = 0.0F;
    if (pulse_at < 2.0F) {
      if (pulse_at > 0.0F) {
        const double x = static_cast<double>(pulse_at) - 1.0;  // −1 … 1
        blow = static_cast<float>(static_cast<double>(s.pulse_gain) * (1.0 + maths::cos(pi * x)));
      }
      pulse_at += s.pulse_turn;
    }
    Q sum = {};
    for (int i = 0; i < modes / 4; ++i) {
      const Q turned = re[i] * c[i] - im[i] * d[i] + blow * g[i];
      im[i] = re[i] * d[i] + im[i] * c[i];
      re[i] = turned;
      sum += im[i];
    }
    out[n] += level.next() * ((sum[0] + sum[1]) + (sum[2] + sum[3]));
  }
  s.pulse_at = pulse_at;
  for (int i = 0; i < modes / 4; ++i) {
    store(s.re + 4 * i, re[i]);
    store(s.im + 4 * i, im[i]);
  }
  for (int m = 0; m < modes; ++m) {
    s.re[m] = settled(s.re[m]);
    s.im[m] = settled(s.im[m]);
  }
}

}  // namespace auralis::source
