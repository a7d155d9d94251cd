// SPDX-License-Identifier: MIT
#include "synth/fx/chorus/chorus.h"

namespace auralis {
namespace {

using P = MasterParam;

constexpr std::array<double, Chorus::voices> base_ms{6.0, 9.5};

double longest_delay_frames(double rate) {
  return 0.001 * (base_ms.back() + 2 * greatest(P::chorus_depth_ms)) * rate + 2;
}

}  // namespace

Chorus::State::State(double rate) {
  for (Ring& ring : rings) ring = Ring(longest_delay_frames(rate));
}

void Chorus::Control::advance(const Smoothed& params, int64_t first_frame, Frame& frame) {
  lfo_.advance(params.at(P::chorus_hz), rate_, first_frame);
  for (size_t side = 0; side < 2; ++side) {
    for (size_t voice = 0; voice < voices; ++voice) {
      const double offset = 0.5 * static_cast<double>(side) + 0.25 * static_cast<double>(voice);
      const auto delay = [&](double phase, double depth_ms) {
        return 0.001 * (base_ms[voice] + depth_ms * (1 + sine(phase + offset))) * rate_;
      };
      double& at = delays_[side][voice];  // the end of one quantum is the start of the next
      if (!started_) at = delay(lfo_.from(), params.was(P::chorus_depth_ms));
      const double next = delay(lfo_.to(), params.at(P::chorus_depth_ms));
      frame.taps[side][voice] = make_tap(at, next);
      at = next;
    }
  }
  started_ = true;
}

}  // namespace auralis
