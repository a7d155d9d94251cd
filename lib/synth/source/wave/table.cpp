// SPDX-License-Identifier: MIT
#include "synth/source/wave/table.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <utility>

#include "model/maths.h"
#include "synth/modulation/waves.h"
#include "synth/simd/functions.h"
#include "synth/source/wave/cycle.h"

namespace auralis::source {
namespace {

using std::numbers::pi;

constexpr int longest = Table::longest;
constexpr float loudness = Table::loudness;
constexpr float inaudible = 1e-9F;
constexpr double stray_period_s = 3.0;

struct Number {
  float re, im;
};

struct Turns {
  Number of[longest / 2];  // e^(2πi·k/longest)
  Turns() {
    for (int k = 0; k < longest / 2; ++k) {
      const double angle = 2.0 * pi * k / longest;
      of[k] = {static_cast<float>(maths::cos(angle)), static_cast<float>(maths::sin(angle))};
    }
  }
};
const Turns turns;

// Where partial k stands in its cycle: always the same, and nothing like its neighbours, so that the sum has no spike.
const struct Phases {
  Number of[Table::most_partials + 1];
  Phases() {
    for (int k = 0; k <= Table::most_partials; ++k) {
      const double angle = pi * partial_phase(k);
      of[k] = {static_cast<float>(maths::cos(angle)), static_cast<float>(maths::sin(angle))};
    }
  }
} phases;

// The inverse transform, its real part: Stockham's, which needs no reordering.
const Number* transform(Number* from, Number* to, int size) {
  for (int span = size / 2, stride = 1; span > 0; span /= 2, stride *= 2) {
    for (int p = 0; p < span; ++p) {
      const Number turn = turns.of[p * (longest / (2 * span))];
      for (int q = 0; q < stride; ++q) {
        const Number a = from[stride * p + q];
        const Number b = from[stride * (p + span) + q];
        const Number d{a.re - b.re, a.im - b.im};
        to[stride * 2 * p + q] = {a.re + b.re, a.im + b.im};
        to[stride * (2 * p + 1) + q] = {turn.re * d.re - turn.im * d.im, turn.re * d.im + turn.im * d.re};
      }
    }
    std::swap(from, to);
  }
  return from;
}

int length_for(int partials) {
  int length = 512;
  while (length < 8 * partials && length < longest) length *= 2;
  return length;
}

// What strays is slow: it goes in straight lines of 16 quanta.
void stray(Table::State& s, const Frame& f) {
  constexpr int64_t quanta = Table::stray_quanta;
  if (f.at / quantum_frames % quanta == 0) {
    for (int i = 0; i < Table::readers; ++i)
      s.off_step[i] = (off_at(f, i, quanta * quantum_frames) - s.off[i]) * (1.0 / quanta);
  }
  for (int i = 0; i < Table::readers; ++i) s.off[i] += s.off_step[i];
}

double increment_of(const Table::State& s, const Frame& f, float cents, int reader) {
  return std::min(f.to * baseline::exp2_of(static_cast<double>(cents) * s.off[reader] * (1.0 / 1200.0)),
                  0.49);
}

}  // namespace

double partial_phase(int k) { return modulation::drawn(0x7061727469616c73u, k); }

double first_phase(const Frame& f, int reader) {
  return 0.5 + 0.5 * modulation::drawn(modulation::key_of(f.key, static_cast<uint64_t>(reader)), 1);
}

double off_at(const Frame& f, int reader, int64_t ahead) {
  constexpr double place[Table::readers] = {-0.9, 0.4, -0.35, 0.85};
  const uint64_t key = modulation::key_of(f.key, static_cast<uint64_t>(reader));
  const double t_s = static_cast<double>(f.at + ahead) / f.rate;
  return 0.5 * place[reader] + 0.15 * modulation::drawn(key) +
         0.6 * modulation::wave_at(Source::walk, key, t_s, stray_period_s + 0.7 * reader);
}

void begin(Table::State& s, const Frame& f, float cents) {
  std::memset(static_cast<void*>(&s), 0, sizeof s);
  for (int i = 0; i < Table::readers; ++i) {
    s.phase[i] = std::min(1.0, static_cast<double>(cents)) * first_phase(f, i);
    s.phase[i] -= s.phase[i] >= 1.0 ? 1.0 : 0.0;
    s.off[i] = off_at(f, i, 0);
    s.increment[i] = increment_of(s, f, cents, i);
  }
}

// Each voice at a quantum of its own, so that not all of a chord are made at once.
bool renews(const Table::State& s, const Frame& f) {
  const auto quantum = static_cast<uint64_t>(f.at / quantum_frames) + f.key;
  return s.length == 0 || quantum % Table::renewed_quanta == 0;
}

// A cycle keeps its length, which counts where the note falls.
int fitting_partials(const Table::State& s, const Frame& f) {
  const double highest = 0.44 / std::max(f.from, f.to);
  const int most = s.length > 0 ? s.length / 4 : Table::most_partials;
  return std::clamp(static_cast<int>(highest), 1, most);
}

void renew(Table::State& s, Partials& partials, int count) {
  const int length = s.length > 0 ? s.length : length_for(count);
  for (int k = 1; k <= count; ++k) partials[k] = partials[k] < inaudible ? 0.0F : partials[k];
  double power = 0.0;
  for (int k = 1; k <= count; ++k)
    power += 0.5 * static_cast<double>(partials[k]) * static_cast<double>(partials[k]);
  const float gain = power > 0.0 ? loudness / static_cast<float>(std::sqrt(power)) : 0.0F;
  alignas(64) Number work[2][longest];
  std::memset(static_cast<void*>(work[0]), 0, sizeof(Number) * static_cast<size_t>(length));
  for (int k = 1; k <= count; ++k)
    work[0][k] = {gain * partials[k] * phases.of[k].re, gain * partials[k] * phases.of[k].im};
  const Number* made = transform(work[0], work[1], length);
  if (s.length == 0) {
    for (int n = 0; n < length; ++n) s.cycle[n] = made[n].re;
    s.length = length;
  }
  bool differs = false;
  for (int n = 0; n < length; ++n) {
    s.step[n] = (made[n].re - s.cycle[n]) * (1.0F / Table::renewed_quanta);
    differs |= s.step[n] > 1e-7F || s.step[n] < -1e-7F;
  }
  s.moves = differs;
  for (int n = 0; n < 3; ++n) s.cycle[length + n] = s.cycle[n];
}

void read(Table::State& s, const Frame& f, float cents, Level level, Mono& out) {
  const CycleKernel& kernel = cycle_kernel(f.isa);
  if (s.moves) {
    kernel.move(s.cycle, s.step, s.length);
    for (int n = 0; n < 3; ++n) s.cycle[s.length + n] = s.cycle[n];
  }
  stray(s, f);
  static_assert(Table::readers == Readers::count);
  Readers readers{};
  while ((1 << readers.bits) < s.length) ++readers.bits;
  for (int i = 0; i < Table::readers; ++i) {
    const double from = s.increment[i];
    const double to = increment_of(s, f, cents, i);
    readers.position[i] = static_cast<uint32_t>(s.phase[i] * 4294967296.0);
    readers.increment[i] = static_cast<uint32_t>(from * 4294967296.0);
    readers.increment_step[i] =
        static_cast<uint32_t>(static_cast<int32_t>((to - from) * (4294967296.0 / quantum_frames)));
    s.increment[i] = to;
  }
  kernel.read(s.cycle, readers, level, out);
  for (int i = 0; i < Table::readers; ++i)
    s.phase[i] = static_cast<double>(readers.position[i]) * (1.0 / 4294967296.0);
}

}  // namespace auralis::source
