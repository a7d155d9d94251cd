// SPDX-License-Identifier: MIT
#include "synth/source/string/string.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "model/maths.h"
#include "synth/simd/functions.h"
#include "synth/simd/noise.h"

namespace auralis::source {
namespace {

using std::numbers::pi;

constexpr int mask = String::longest - 1;
constexpr double octaves_per_60_db = 9.965784284662087;
constexpr double bowed_kept = 0.95;  // of a turn, at most
constexpr double least_slip = 10.0;  // frames
constexpr double least_delay = 2.0;  // of a line that is read between frames

// atan for x ≥ 0, from sums, products, quotients and roots alone; within 1e-10.
double arctangent(double x) {
  double halvings = 1.0;
  for (int i = 0; i < 3; ++i, halvings *= 2.0) x = x / (1.0 + std::sqrt(1.0 + x * x));
  const double w = x * x;
  return halvings * x * (1.0 - w * (1.0 / 3 - w * (1.0 / 5 - w * (1.0 / 7 - w / 9.0))));
}

// The dulling: y = (1 − pole)·x + pole·y before.
struct Dulling {
  double pole;
  double size(double turn) const {  // at this frequency, cycles per frame
    const double c = maths::cos(2.0 * pi * turn);
    return (1.0 - pole) / std::sqrt(1.0 - 2.0 * pole * c + pole * pole);
  }
  double delay(double turn) const {  // frames
    const double angle = 2.0 * pi * turn;
    return arctangent(pole * maths::sin(angle) / (1.0 - pole * maths::cos(angle))) / angle;
  }
};

// Sung low enough for the lines.
double fitting(double increment) {
  while (1.0 / increment > String::longest - 8) increment *= 2.0;
  return std::min(increment, 0.125);
}

float draw(uint32_t& counter, uint64_t key) {
  return static_cast<float>(baseline::draw(counter++, static_cast<uint32_t>(key)));
}

// In vectors of four, which every machine has.
using baseline::D, baseline::F, baseline::I;
using baseline::half_lanes, baseline::lanes, baseline::load, baseline::store;

F all_settled(F x) {
  constexpr auto least = static_cast<float>(settled_below);
  return ((x < least) & (x > -least)) ? F{} : x;
}

// A line's values some frames ago, by the cubic through the four frames around each: the quantum's, whose delay goes from
// one to another.
struct Readings {
  alignas(64) int whole[quantum_frames];
  alignas(64) float w[4][quantum_frames];

  Readings(double from, double to) {
    const double step = (to - from) * (1.0 / quantum_frames);
    for (int n = 0; n < quantum_frames; n += half_lanes) {
      D frame;
      for (int k = 0; k < half_lanes; ++k) frame[k] = n + k + 1;
      const D delay = from + step * frame;
      const auto below = baseline::to_whole(delay) - 1;
      store(whole + n, below);
      store(w[0] + n, baseline::to_float(delay - baseline::to_double(below)));  // 1 … 2
    }
    for (int n = 0; n < quantum_frames; n += lanes) {
      const F x = load<F>(w[0] + n);
      store(w[0] + n, (x - 1.0F) * (x - 2.0F) * (x - 3.0F) * (-1.0F / 6.0F));
      store(w[1] + n, x * (x - 2.0F) * (x - 3.0F) * 0.5F);
      store(w[2] + n, x * (x - 1.0F) * (x - 3.0F) * -0.5F);
      store(w[3] + n, x * (x - 1.0F) * (x - 2.0F) * (1.0F / 6.0F));
    }
  }

  // Whether nothing that the quantum itself writes is read in it.
  bool of_the_past() const { return std::min(whole[0], whole[quantum_frames - 1]) >= quantum_frames; }

  float of(const float* line, int at, int n) const {
    const int newest = (at - whole[n]) & mask;
    if (newest >= 3) {
      const float* here = line + newest;
      return (w[0][n] * here[0] + w[1][n] * here[-1]) + (w[2][n] * here[-2] + w[3][n] * here[-3]);
    }
    return (w[0][n] * line[newest] + w[1][n] * line[(newest - 1) & mask]) +
           (w[2][n] * line[(newest - 2) & mask] + w[3][n] * line[(newest - 3) & mask]);
  }

  // All of the quantum's that begins at `at`, of the past.
  void of(const float* line, int at, Mono& out) const {
    for (int n = 0; n < quantum_frames; n += lanes) {
      const int newest = (at + n - whole[n]) & mask;
      if (whole[n] != whole[n + lanes - 1] || newest < 3 || newest + lanes > String::longest) {
        for (int k = n; k < n + lanes; ++k) out[k] = of(line, at + k, k);
        continue;
      }
      const float* here = line + newest;
      const auto tap = [&](int k) { return load<F>(w[k] + n) * load<F>(here - k); };
      store(out + n, (tap(0) + tap(1)) + (tap(2) + tap(3)));
    }
  }
};

// What was put into a line so many frames ago.
void delayed(const float* line, int at, int frames, Mono& out) {
  const int first = (at - frames) & mask;
  const int before_end = std::min(quantum_frames, String::longest - first);
  std::copy_n(line + first, before_end, out);
  std::copy_n(line, quantum_frames - before_end, out + before_end);
}

// The dulling of all that comes in, in place; loss is applied already.
float dull(float pole, float memory, Mono& x) {
  for (float& at : x) at = memory = settled(at + pole * memory);
  return memory;
}

// From where the line is to where pitch and patch want it; answers the delay at the quantum's start.
double tune(String::Loop& loop, const Dulling& dulling, double turn, double gain, double delay) {
  const double before = loop.delay > 0.0 ? loop.delay : delay;
  loop.delay = delay;
  loop.pole = static_cast<float>(dulling.pole);
  // No loss at the fundamental but what the decay asks for, and never more than 1 anywhere.
  loop.gain = static_cast<float>(std::min(gain / dulling.size(turn), 0.99999));
  return before;
}

// As dull as asked, but no more than leaves the fundamental what a turn keeps of it.
double string_pole(float tone, double turn, double kept) {
  const double dull = 1.0 - static_cast<double>(tone);
  const double wanted = 0.02 + 0.9 * dull * dull;
  const double c = (1.0 - kept) / (1.0 - maths::cos(2.0 * pi * turn));
  const double most = c > 0.0 ? (2.0 * c + 1.0 - std::sqrt(4.0 * c + 1.0)) / (2.0 * c) : 0.0;
  return std::min({wanted, most, 0.95});
}

// Its first overtone is the third partial, which must not sound by itself.
double pipe_pole(float tone, double turn) {
  return std::clamp(0.85 - 0.35 * static_cast<double>(tone) - 2.0 * turn, 0.35, 0.9);
}

struct Touch {
  float pluck, bow, blow;
};
Touch touch_of(const Frame& f) {
  const float touch = f.asked[VoiceParam::string_touch];
  return {share(touch, 0.0F), share(touch, 1.0F), share(touch, 2.0F)};
}

// A pulse of force, an arch from 0 to 2; over from there on.
float arch(float at) {
  if (at <= 0.0F || at >= 2.0F) return 0.0F;
  const double half = baseline::sin_pi(0.5 * (static_cast<double>(at) - 1.0));
  return static_cast<float>(2.0 - 2.0 * half * half);
}

// What pushes the string: the pulse that plucks it, and the bow, which lets go once a period, for as long as its place
// and its pressure say.
void push(String::State& s, const Frame& f, const Touch& touch, double turn, double kept, Mono& pushes) {
  for (int n = 0; n < quantum_frames && s.pulse_at < 2.0F; ++n) {
    pushes[n] = s.pulse_gain * arch(s.pulse_at);
    s.pulse_at += s.pulse_turn;
  }
  if (touch.bow == 0.0F && s.bow == 0.0F) return;
  const auto force = static_cast<double>(f.asked[VoiceParam::string_force]);
  const auto place = static_cast<double>(f.asked[VoiceParam::string_place]);
  const double slip = std::max(least_slip, (1.2 - force) * std::min(place, 0.3) / turn);
  const auto slip_turn = static_cast<float>(2.0 / slip);
  const auto slip_gain = static_cast<float>(0.65 * (1.0 - kept) / slip * std::sqrt(1.0 / turn));
  const float rosin = 0.5F * f.asked[VoiceParam::string_noise];
  float bow = s.bow, slip_at = s.slip_at;
  double phase = s.bow_phase;
  for (int n = 0; n < quantum_frames; ++n) {
    bow += 0.0006F * (touch.bow - bow);
    if (slip_at < 2.0F) {
      pushes[n] += bow * slip_gain * arch(slip_at) * (1.0F + rosin * draw(s.noise, f.key));
      slip_at += slip_turn;
    }
    phase += turn;
    if (phase >= 1.0) {
      phase -= 1.0;
      slip_at = slip_turn * static_cast<float>(phase / turn);
    }
  }
  s.bow = bow;
  s.slip_at = slip_at;
  s.bow_phase = phase;
}

// A quantum of both lines at once: what comes back from the far end is there already.
void run_string(String::State& s, const Readings& readings, const Mono& pushes, float loss, Mono& made) {
  alignas(64) Mono from_far, memory;
  readings.of(s.far, s.at, from_far);
  for (int n = 0; n < quantum_frames; n += lanes)
    store(s.near + s.at + n, all_settled(load<F>(pushes + n) - load<F>(from_far + n)));
  delayed(s.near, s.at, s.near_frames, memory);
  for (int n = 0; n < quantum_frames; n += lanes) store(memory + n, loss * load<F>(memory + n));
  s.string.memory = dull(s.string.pole, s.string.memory, memory);
  for (int n = 0; n < quantum_frames; n += lanes) {
    store(s.far + s.at + n, all_settled(load<F>(pushes + n) - load<F>(memory + n)));
    store(made + n, load<F>(made + n) - load<F>(memory + n));
  }
}

void sound_string(String::State& s, const Frame& f, const Touch& touch, Mono& made) {
  const double turn = fitting(f.to);
  const double decay_frames = static_cast<double>(f.asked[VoiceParam::string_decay_s]) * f.rate;
  const double rings = maths::exp2(-octaves_per_60_db / (decay_frames * turn));
  // A bow damps what it holds.
  const double kept = rings + static_cast<double>(touch.bow) * (std::min(rings, bowed_kept) - rings);
  const Dulling dulling{string_pole(f.asked[VoiceParam::string_tone], turn, kept)};
  const double whole = 1.0 / turn - dulling.delay(turn) - static_cast<double>(s.near_frames);
  const double to = std::max(whole, least_delay);
  const double from = tune(s.string, dulling, turn, kept, to);
  alignas(64) Mono pushes = {};
  push(s, f, touch, turn, kept, pushes);
  const Readings readings(from, to);
  const float pole = s.string.pole, loss = (1.0F - pole) * s.string.gain;
  if (readings.of_the_past()) return run_string(s, readings, pushes, loss, made);
  const int near_frames = s.near_frames;
  float memory = s.string.memory;
  for (int n = 0; n < quantum_frames; ++n) {
    const int at = s.at + n;
    const float from_far = -readings.of(s.far, at, n);
    memory = settled(loss * s.near[(at - near_frames) & mask] + pole * memory);
    s.far[at & mask] = settled(pushes[n] - memory);
    s.near[at & mask] = settled(from_far + pushes[n]);
    made[n] -= memory;
  }
  s.string.memory = memory;
}

struct Mouth {
  float loss, made_up, strength, noise;
};

// A quantum at once.
void run_pipe(String::State& s, const Readings& readings, const Mouth& mouth, float blow, uint64_t key,
              Mono& made) {
  alignas(64) Mono memory, breaths;
  readings.of(s.bore, s.at, memory);
  for (int n = 0; n < quantum_frames; n += lanes) store(memory + n, mouth.loss * load<F>(memory + n));
  s.pipe.memory = dull(s.pipe.pole, s.pipe.memory, memory);
  float breath = s.breath;
  for (float& at : breaths) at = breath += 0.0004F * (blow - breath);
  s.breath = breath;
  I counter;
  for (int k = 0; k < lanes; ++k) counter[k] = static_cast<int32_t>(s.noise + static_cast<uint32_t>(k));
  s.noise += quantum_frames;
  const I drawn_by = I{} + static_cast<int32_t>(static_cast<uint32_t>(key));
  for (int n = 0; n < quantum_frames; n += lanes, counter += lanes) {
    const F at = load<F>(memory + n), breathed = load<F>(breaths + n);
    const F back = -at * mouth.made_up * (0.9F + mouth.strength * breathed);
    const F blown = back + breathed * mouth.noise * baseline::white_noise(counter, drawn_by);
    store(s.bore + s.at + n, all_settled(blown / baseline::root_of(1.0F + blown * blown)));
    store(made + n, load<F>(made + n) + 0.9F * at * mouth.made_up);
  }
}

void sound_pipe(String::State& s, const Frame& f, const Touch& touch, Mono& made) {
  const double turn = fitting(f.to);
  const float force = f.asked[VoiceParam::string_force];
  const Dulling dulling{pipe_pole(f.asked[VoiceParam::string_tone], turn)};
  const double to = std::max(0.50055 / turn - dulling.delay(turn), least_delay);
  const double from = tune(s.pipe, dulling, turn, 1.0, to);
  // Here the mouth makes up for the dulling, and for more.
  const auto made_up = static_cast<float>(1.0 / dulling.size(turn));
  const float loss = 1.0F - s.pipe.pole;
  const float noise = 1e-6F + (0.02F + 0.06F * force) * f.asked[VoiceParam::string_noise];
  const Readings readings(from, to);
  const Mouth mouth{loss, made_up, 0.2F + 0.1F * force, noise};
  if (readings.of_the_past()) return run_pipe(s, readings, mouth, touch.blow, f.key, made);
  float memory = s.pipe.memory, breath = s.breath;
  for (int n = 0; n < quantum_frames; ++n) {
    const int at = s.at + n;
    memory = settled(loss * readings.of(s.bore, at, n) + s.pipe.pole * memory);
    breath += 0.0004F * (touch.blow - breath);
    const float back = -memory * made_up * (0.9F + (0.2F + 0.1F * force) * breath);
    const float blown = back + breath * noise * draw(s.noise, f.key);
    s.bore[at & mask] = settled(blown / std::sqrt(1.0F + blown * blown));
    made[n] += 0.9F * memory * made_up;
  }
  s.pipe.memory = memory;
  s.breath = breath;
}

}  // namespace

void begin(String::State& s, const Frame& f) {
  std::memset(static_cast<void*>(&s), 0, sizeof s);
  const Touch touch = touch_of(f);
  const double turn = fitting(f.to);
  const auto place = static_cast<double>(f.asked[VoiceParam::string_place]);
  s.near_frames = std::max(1, static_cast<int>(place / turn + 0.5));
  const auto vel = static_cast<double>(f.vel);
  const double hard = static_cast<double>(f.asked[VoiceParam::string_force]) * (0.5 + 0.5 * vel);
  const double frames = std::max(3.0, std::min(0.006 * maths::exp2(-5.0 * hard) * f.rate, 0.5 / turn));
  s.pulse_turn = static_cast<float>(2.0 / frames);
  const float waits = static_cast<float>(f.onset) + static_cast<float>(blow_after_s * f.rate);
  s.pulse_at = touch.pluck > 0.0F ? -s.pulse_turn * waits : 2.0F;
  s.pulse_gain = touch.pluck * static_cast<float>(0.9 / maths::exp2(0.5 * maths::log2(frames)));
}

void sound(String::State& s, const Frame& f, Level level, Mono& out) {
  const Touch touch = touch_of(f);
  s.on_string |= touch.pluck > 0.0F || touch.bow > 0.0F;
  s.on_pipe |= touch.blow > 0.0F;
  alignas(64) Mono made = {};
  if (s.on_string) sound_string(s, f, touch, made);
  if (s.on_pipe) sound_pipe(s, f, touch, made);
  s.at = (s.at + quantum_frames) & mask;
  s.bow = settled(s.bow);
  s.breath = settled(s.breath);
  float slow = s.slow, before = s.before;
  for (int n = 0; n < quantum_frames; ++n) {  // what does not swing is no sound
    slow = (made[n] - before) + 0.998F * slow;
    before = made[n];
    out[n] += level.next() * slow;
  }
  s.before = before;
  s.slow = settled(slow);
}

}  // namespace auralis::source
