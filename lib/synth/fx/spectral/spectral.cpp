// SPDX-License-Identifier: MIT
#include "synth/fx/spectral/spectral.h"

#include <bit>
#include <cmath>
#include <initializer_list>
#include <numbers>

#include "model/maths.h"
#include "model/units.h"

namespace auralis {
namespace {

using P = MasterParam;

constexpr double frame_s = 0.33;

// The power of two that is nearest in ratio, at least.
int32_t size_at(double rate) {
  return static_cast<int32_t>(std::bit_ceil(static_cast<uint32_t>(frame_s * rate / std::numbers::sqrt2)));
}

Spectral::Complex numbers(int32_t count) {
  return {Aligned<float>(static_cast<size_t>(count)), Aligned<float>(static_cast<size_t>(count))};
}

}  // namespace

Spectral::State::State(double rate) : size(size_at(rate)) {}

void take_memory(Spectral::State& s) {
  s.turn = numbers(s.size / 2);
  for (size_t k = 0; k < s.turn.re.size(); ++k) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(k) / s.size;
    s.turn.re[k] = static_cast<float>(maths::cos(angle));
    s.turn.im[k] = static_cast<float>(-maths::sin(angle));
  }
  for (Spectral::Complex* const all : {&s.in, &s.bins, &s.out, &s.work[0], &s.work[1]})
    *all = numbers(s.size);
  s.open = true;
  s.quanta_heard = 0;
  s.holds = false;
}

void give_back(Spectral::State& s) {
  for (Spectral::Complex* const all : {&s.turn, &s.in, &s.bins, &s.out, &s.work[0], &s.work[1]}) *all = {};
  s.open = false;
  s.holds = false;
}

Spectral::Control::Control(double rate) : hop_s_(size_at(rate) / (Spectral::overlap * rate)) {}

void Spectral::Control::advance(const Smoothed& params, int64_t, Frame& frame) {
  if (started_ && params.still()) return;
  started_ = true;
  frame.on = params.away(P::spectral_level, 0);
  const double open = 1 - params.at(P::spectral_freeze);
  const double lost_db = 60 * hop_s_ / params.at(P::spectral_smear_s);
  frame.kept = static_cast<float>(open > 0 ? db_to_gain(-open * lost_db) : 1);
  // A steady sound comes out as strong as it goes in: what is kept and what is taken sum by power.
  frame.taken = static_cast<float>(open * std::sqrt(1 - db_to_power(-lost_db)));
  frame.level = params.ramp(P::spectral_level);
  frame.to_reverb = params.ramp(P::spectral_to_reverb);
}

}  // namespace auralis
