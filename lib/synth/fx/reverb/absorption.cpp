// SPDX-License-Identifier: MIT
#include "synth/fx/reverb/absorption.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "model/units.h"

namespace auralis {
namespace {

using std::numbers::pi;

constexpr std::array<double, 3> band_hz{125, 1200, 8000};
constexpr double low_middle_hz = 500;
constexpr double low_shelf_hz = 240;
constexpr double high_shelf_hz = 5200;
// At one pass: as good as silence, and the shelves stay well conditioned.
constexpr double greatest_loss_db = 120;

// A shelf that leaves the other side as it is, half of its decibels at the angle's frequency; a shelf above is one below
// with the frequency axis turned round.
Section shelf(double db, bool below, double cosine, double sine_of_angle) {
  const double sign = below ? 1 : -1;
  const double c = sign * cosine;
  const double a = db_to_gain(db / 2);
  const double root = std::sqrt(2 * a) * sine_of_angle;
  const double a0 = (a + 1) + (a - 1) * c + root;
  return {a * ((a + 1) - (a - 1) * c + root) / a0, sign * 2 * a * ((a - 1) - (a + 1) * c) / a0,
          a * ((a + 1) - (a - 1) * c - root) / a0, sign * -2 * ((a - 1) + (a + 1) * c) / a0,
          ((a + 1) + (a - 1) * c - root) / a0};
}

// The power gain of a section where the cosine of the angular frequency is c1.
double power_gain(const Section& s, double c1) {
  const double c2 = 2 * c1 * c1 - 1;
  const auto power = [&](double x0, double x1, double x2) {
    return x0 * x0 + x1 * x1 + x2 * x2 + 2 * x1 * (x0 + x2) * c1 + 2 * x0 * x2 * c2;
  };
  return power(s[0], s[1], s[2]) / power(1, s[3], s[4]);
}

}  // namespace

Absorption::Absorption(double rate) {
  const auto angle = [&](double hz) { return 2 * pi * hz / rate; };
  const auto edge = [&](double hz) { return Edge{maths::cos(angle(hz)), maths::sin(angle(hz))}; };
  low_edge_ = edge(low_shelf_hz);
  high_edge_ = edge(high_shelf_hz);
  for (size_t band = 0; band < 3; ++band) band_cosine_[band] = maths::cos(angle(band_hz[band]));
  low_middle_cosine_ = maths::cos(angle(low_middle_hz));
  // What 1 dB of low shelf, of level and of high shelf does in each band; the inverse by Cramer's rule.
  std::array<Bands, 3> m{};
  for (size_t band = 0; band < 3; ++band) {
    m[band] = {-power_to_db(power_gain(low_shelf(-1), band_cosine_[band])), 1,
               -power_to_db(power_gain(high_shelf(-1), band_cosine_[band]))};
  }
  const auto cofactor = [&](size_t r, size_t c) {
    const size_t r0 = (r + 1) % 3, r1 = (r + 2) % 3, c0 = (c + 1) % 3, c1 = (c + 2) % 3;
    return m[r0][c0] * m[r1][c1] - m[r0][c1] * m[r1][c0];
  };
  const double determinant = m[0][0] * cofactor(0, 0) + m[0][1] * cofactor(0, 1) + m[0][2] * cofactor(0, 2);
  for (size_t r = 0; r < 3; ++r) {
    for (size_t c = 0; c < 3; ++c) shelving_[r][c] = cofactor(c, r) / determinant;
  }
}

Section Absorption::low_shelf(double db) const { return shelf(db, true, low_edge_.cosine, low_edge_.sine); }
Section Absorption::high_shelf(double db) const {
  return shelf(db, false, high_edge_.cosine, high_edge_.sine);
}

// The two shelves, the first with the level in it, that lose `db` in each band. Shelves are all but proportional in
// decibels; two corrections take out what is left. Where they are so steep that keeping the middle would make the band
// below it ring on, the level gives way.
std::array<Section, 2> Absorption::sections(Bands db) const {
  for (double& loss : db) loss = std::max(loss, -greatest_loss_db);
  const auto within = [](double part) { return std::clamp(part, -greatest_loss_db, greatest_loss_db); };
  Bands part{};
  Bands missing = db;
  std::array<Section, 2> shelves{};
  const auto loss_at = [&](double cosine) {
    return part[1] + power_to_db(power_gain(shelves[0], cosine) * power_gain(shelves[1], cosine));
  };
  for (int pass = 0; pass < 3; ++pass) {
    for (size_t r = 0; r < 3; ++r) {
      part[r] += shelving_[r][0] * missing[0] + shelving_[r][1] * missing[1] + shelving_[r][2] * missing[2];
    }
    shelves = {low_shelf(within(part[0])), high_shelf(within(part[2]))};
    for (size_t band = 0; band < 3; ++band) missing[band] = db[band] - loss_at(band_cosine_[band]);
  }
  part[1] -= std::max(0.0, loss_at(low_middle_cosine_) - 0.93 * db[1]);
  for (size_t i = 0; i < 3; ++i) shelves[0][i] *= db_to_gain(std::min(part[1], 0.0));
  return shelves;
}

}  // namespace auralis
