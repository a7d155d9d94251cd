// SPDX-License-Identifier: MIT
#include "synth/source/wave/choir.h"

#include <algorithm>
#include <cmath>

#include "model/maths.h"
#include "model/units.h"

namespace auralis::source {
namespace {

constexpr size_t formants = Choir::formants;

struct Throat {
  double hz[formants], gain[formants], half_width_hz[formants];
};

Throat throat_of(const Frame& f) {
  const double vowel = std::clamp(static_cast<double>(f.asked[VoiceParam::choir_vowel]), 0.0, 4.0);
  const auto lower = std::min<size_t>(3, static_cast<size_t>(vowel));
  const double up = vowel - static_cast<double>(lower);
  const double size = semitones_to_ratio(static_cast<double>(f.asked[VoiceParam::choir_size_st]));
  Throat t{};
  for (size_t i = 0; i < formants; ++i) {
    const Choir::Formant& a = Choir::vowels[lower][i];
    const Choir::Formant& b = Choir::vowels[lower + 1][i];
    const auto mean = [up](double from, double to) { return from + up * (to - from); };
    t.hz[i] = size * mean(a.hz, b.hz);
    t.gain[i] = maths::exp2(mean(a.db, b.db) * 0.16609640474436813);
    t.half_width_hz[i] = 0.5 * Choir::wider * size * mean(a.width_hz, b.width_hz);
  }
  return t;
}

}  // namespace

void begin(Choir::State& s, const Frame& f) { begin(s.table, f, f.asked[VoiceParam::choir_cents]); }

void sound(Choir::State& s, const Frame& f, Level level, Mono& out) {
  Table::State& table = s.table;
  if (renews(table, f)) {
    const float made_for[4] = {f.asked[VoiceParam::choir_vowel], f.asked[VoiceParam::choir_size_st],
                               static_cast<float>(f.to), 1.0F};
    if (std::equal(made_for, made_for + 4, table.made_for)) {
      table.moves = false;
    } else {
      std::copy(made_for, made_for + 4, table.made_for);
      const Throat throat = throat_of(f);
      const int count = fitting_partials(table, f);
      Partials partials;
      for (int k = 1; k <= count; ++k) {
        const double hz = f.to * f.rate * k;
        double through = Choir::between;
        for (size_t i = 0; i < formants; ++i) {
          const double off = (hz - throat.hz[i]) / throat.half_width_hz[i];
          through += throat.gain[i] / std::sqrt(1.0 + off * off);
        }
        // The voice itself falls by 12 dB an octave from 500 Hz, of which the mouth gives back 6.
        partials[k] = static_cast<float>(through / (k * (1.0 + hz / 4000.0)));
      }
      renew(table, partials, count);
    }
  }
  read(table, f, f.asked[VoiceParam::choir_cents], level, out);
}

}  // namespace auralis::source
