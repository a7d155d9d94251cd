// SPDX-License-Identifier: MIT
#include "synth/source/wave/wave.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "model/maths.h"

namespace auralis::source {
namespace {

using std::numbers::pi;

constexpr size_t tables = 5;

double organ(int k, double position) {
  constexpr struct {
    int partial;
    double flute, full;
  } pipes[] = {{1, 1.0, 1.0}, {2, 0.05, 0.75}, {3, 0.18, 0.4},  {4, 0.02, 0.55}, {5, 0.05, 0.2},
               {6, 0.0, 0.3}, {8, 0.0, 0.35},  {10, 0.0, 0.12}, {12, 0.0, 0.2},  {16, 0.0, 0.18}};
  double sum = 0.0;
  for (const auto& pipe : pipes) {
    if (k % pipe.partial != 0) continue;  // each pipe has partials of its own
    const double of = k / pipe.partial;
    const double own = of == 1.0 ? 1.0 : 0.25 / (of * of);
    sum += own * (pipe.flute + position * (pipe.full - pipe.flute));
  }
  return sum;
}

double bowed(int k, double position) {
  const double place = 0.23 - 0.17 * position;
  const double comb = std::abs(maths::sin(pi * std::min(k * place, 1e5)));
  return (0.15 + 0.85 * comb) / k / (1.0 + k * (0.06 - 0.05 * position));
}

double reed(int k, double position) {
  const double even = k % 2 == 0 ? 0.04 + 0.8 * position : 1.0;
  return even / k / (1.0 + 0.02 * k * k * (1.0 - 0.8 * position));
}

double sweep(int k, double position) {
  const double middle = maths::exp2(5.0 * position);  // partials 1 to 32
  const double octaves = maths::log2(k) - maths::log2(middle);
  constexpr double least = -60.0;  // nothing, and far from denormals
  return (k == 1 ? 0.5 : 0.0) + maths::exp2(std::max(least, -6.0 * octaves * octaves));
}

double own(const Spectra::Frames& frames, int k, double position) {
  const double at = position * static_cast<double>(frames.size() - 1);
  const auto lower = std::min(frames.size() - 1, static_cast<size_t>(at));
  const size_t upper = std::min(frames.size() - 1, lower + 1);
  const auto of = [&](size_t frame) {
    const auto number = static_cast<size_t>(k - 1);
    return number < frames[frame].size() ? static_cast<double>(frames[frame][number]) : 0.0;
  };
  return of(lower) + (at - static_cast<double>(lower)) * (of(upper) - of(lower));
}

double partial(const Frame& f, size_t table, int k, double position) {
  switch (table) {
    case 0:
      return organ(k, position);
    case 1:
      return bowed(k, position);
    case 2:
      return reed(k, position);
    case 3:
      return sweep(k, position);
    default:
      return f.wave != nullptr ? own(*f.wave, k, position) : sweep(k, position);
  }
}

}  // namespace

void begin(Wave::State& s, const Frame& f) { begin(s.table, f, f.asked[VoiceParam::wave_cents]); }

void sound(Wave::State& s, const Frame& f, Level level, Mono& out) {
  Table::State& table = s.table;
  if (renews(table, f)) {
    const int count = fitting_partials(table, f);
    const float made_for[4] = {f.asked[VoiceParam::wave_table], f.asked[VoiceParam::wave_position],
                               static_cast<float>(count), f.wave != nullptr ? 2.0F : 1.0F};
    if (std::equal(made_for, made_for + 4, table.made_for)) {
      table.moves = false;
    } else {
      std::copy(made_for, made_for + 4, table.made_for);
      const double which = std::clamp(static_cast<double>(made_for[0]), 0.0, static_cast<double>(tables - 1));
      const auto position = static_cast<double>(made_for[1]);
      const auto lower = std::min<size_t>(tables - 2, static_cast<size_t>(which));
      const double up = which - static_cast<double>(lower);
      Partials partials;
      for (int k = 1; k <= count; ++k) {
        const double a = up < 1.0 ? (1.0 - up) * partial(f, lower, k, position) : 0.0;
        const double b = up > 0.0 ? up * partial(f, lower + 1, k, position) : 0.0;
        partials[k] = static_cast<float>(a + b);
      }
      renew(table, partials, count);
    }
  }
  read(table, f, f.asked[VoiceParam::wave_cents], level, out);
}

}  // namespace auralis::source
