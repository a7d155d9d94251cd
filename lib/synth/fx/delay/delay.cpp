// SPDX-License-Identifier: MIT
#include "synth/fx/delay/delay.h"

#include <algorithm>

namespace auralis {
namespace {

using P = MasterParam;

// A tap that feeds back lies a quantum and the reach of its interpolator behind, at least.
constexpr double nearest_tap_frames = quantum_frames + 2;

double longest_delay_frames(double rate) {
  return (greatest(P::delay_left_s) + 0.001 * greatest(P::delay_mod_ms)) * rate + 2;
}

}  // namespace

Delay::State::State(double rate) {
  for (Ring& ring : rings) ring = Ring(longest_delay_frames(rate));
}

Delay::Control::Control(double rate) : rate_(rate), places_{Place(rate), Place(rate)} {}

void Delay::Control::advance(const Smoothed& params, int64_t first_frame, Frame& frame) {
  lfo_.advance(params.at(P::delay_mod_hz), rate_, first_frame);
  constexpr std::array<P, 2> times{P::delay_left_s, P::delay_right_s};
  for (size_t side = 0; side < 2; ++side) {
    Place& place = places_[side];
    const double wanted = params.target(times[side]) * rate_;
    if (!started_) place.now = wanted;
    if (!place.fade.active() && wanted != place.now) {
      place.next = wanted;
      place.fade.begin();
    }
    const double offset = 0.25 * static_cast<double>(side);
    const double turn_from = started_ ? place.turn : sine(lfo_.from() + offset);
    const double turn_to = sine(lfo_.to() + offset);
    place.turn = turn_to;
    const auto modulated = [&](double frames) {
      const auto at = [&](double turn, double depth_ms) {
        return frames + std::min(0.001 * depth_ms * rate_, frames - nearest_tap_frames) * turn;
      };
      return make_tap(at(turn_from, params.was(P::delay_mod_ms)), at(turn_to, params.at(P::delay_mod_ms)));
    };
    frame.taps[side].now = modulated(place.now);
    frame.fading[side] = place.fade.active();
    if (!place.fade.active()) continue;
    frame.taps[side].next = modulated(place.next);
    frame.mix[side] = place.fade.ramp();
    if (place.fade.finish_quantum()) place.now = place.next;
  }
  started_ = true;
  const auto coefficient = [&](Derived& derived, P p) {
    return derived.advance(params.moved(p), [&] { return one_pole(params.at(p), rate_); });
  };
  frame.feedback = params.ramp(P::delay_feedback);
  frame.low = coefficient(low_, P::delay_low_hz);
  frame.high = coefficient(high_, P::delay_high_hz);
  frame.level = params.ramp(P::delay_level);
  frame.to_reverb = params.ramp(P::delay_to_reverb);
}

}  // namespace auralis
