// SPDX-License-Identifier: MIT
#include "synth/modulation/waves.h"

#include <algorithm>
#include <cmath>

#include "model/rng.h"
#include "synth/simd/functions.h"

namespace auralis::modulation {
namespace {

constexpr double least_glide_s = 0.03;
constexpr double glide_share = 0.1;  // of a period
constexpr double turns = 1.5;        // two of three numbers drawn at random are a turn
constexpr double inside = 0.8;       // a spline leaves its numbers by a quarter at most
constexpr double shortest_walk_s = 0.2;
constexpr int most_walks = 14;
constexpr double flutter = 0.2;  // of a gust

struct Place {
  int64_t cell;
  double share;  // of it that has passed, 0 … 1
};

Place place_at(double cells) {
  const double whole = std::floor(cells);
  return {static_cast<int64_t>(whole), cells - whole};
}

double smooth(double x) {
  x = std::clamp(x, 0.0, 1.0);
  return x * x * (3.0 - 2.0 * x);
}

double uniform(uint64_t key, int64_t n) { return 0.5 + 0.5 * drawn(key, n); }

// Where a wave of that key begins, in cycles.
double begin_of(uint64_t key) { return uniform(key, -1); }

// A spline through a number drawn for each whole x.
double spline_at(uint64_t key, double x) {
  const auto [cell, p] = place_at(x);
  const double a = drawn(key, cell);
  const double b = drawn(key, cell + 1);
  const double c = drawn(key, cell + 2);
  const double d = drawn(key, cell + 3);
  const double linear = c - a;
  const double square = 2.0 * a - 5.0 * b + 4.0 * c - d;
  const double cubic = 3.0 * (b - c) + d - a;
  return inside * (b + 0.5 * p * (linear + p * (square + p * cubic)));
}

double walk(uint64_t key, double t_s, double period_s) {
  return spline_at(key, turns * t_s / period_s + begin_of(key));
}

double pink(uint64_t key, double t_s, double period_s) {
  double sum = 0.0;
  int walks = 0;
  do {
    sum += walk(key_of(key, static_cast<uint64_t>(walks)), t_s, period_s);
    period_s *= 0.5;
  } while (++walks < most_walks && period_s >= shortest_walk_s);
  // What is rare and far out is bent in.
  const double x = std::clamp(sum / std::sqrt(static_cast<double>(walks)), -1.5, 1.5);
  return x * (1.0 - x * x * (4.0 / 27.0));
}

// A gust of each cell: when it begins, how strong it is, how fast it rises and falls.
double gust(uint64_t key, int64_t cell, double x) {
  const auto draw = [&](int64_t n) { return uniform(key, 4 * cell + n); };
  const double since = x - static_cast<double>(cell) - 0.6 * draw(0);
  const double rise = 0.1 + 0.15 * draw(1);
  const double fall = 0.5 + 0.8 * draw(2);
  const double strength = draw(3);
  return (0.2 + 0.8 * strength * strength) * smooth(since / rise) * smooth(1.0 - (since - rise) / fall);
}

double gusts(uint64_t key, double t_s, double period_s) {
  const double x = t_s / period_s + begin_of(key);
  const int64_t cell = place_at(x).cell;
  double calm = 1.0;
  for (int64_t at = cell - 2; at <= cell; ++at) calm *= 1.0 - gust(key, at, x);
  return (1.0 - calm) * (1.0 - flutter + flutter * pink(key_of(key, 0), t_s, 0.25 * period_s));
}

}  // namespace

uint64_t key_of(uint64_t key, uint64_t which) {
  uint64_t state = key ^ (which + 1) * 0xd1342543de82ef95u;
  return splitmix64(state);
}

double drawn(uint64_t key, int64_t n) {
  const uint64_t bits = key_of(key, static_cast<uint64_t>(n));
  return static_cast<double>(static_cast<int64_t>(bits) >> 11) * 0x1.0p-52;
}

double wave_at(Source wave, uint64_t key, double t_s, double period_s) {
  const auto [cell, p] = place_at(t_s / period_s + begin_of(key));
  const double glide = std::max(glide_share, least_glide_s / period_s);
  switch (wave) {
    case Source::sine:
      return -baseline::sin_pi(2.0 * p - 1.0);
    case Source::triangle:
      return 1.0 - 4.0 * std::abs(p - 0.5);
    case Source::ramp:
      return p < 1.0 - glide ? 2.0 * p / (1.0 - glide) - 1.0 : 1.0 - 2.0 * smooth((p - 1.0 + glide) / glide);
    case Source::steps: {
      const double before = drawn(key, cell - 1);
      return before + (drawn(key, cell) - before) * smooth(p / glide);
    }
    case Source::walk:
      return walk(key, t_s, period_s);
    case Source::pink:
      return pink(key, t_s, period_s);
    case Source::gusts:
      return gusts(key, t_s, period_s);
    default:
      return 0.0;
  }
}

}  // namespace auralis::modulation
