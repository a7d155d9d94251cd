// SPDX-License-Identifier: MIT
#include "synth/fx/chorus/chorus.h"

namespace auralis {
namespace {

using P = MasterParam;

double longest_delay_frames(double rate) {
  return 0.001 * (Chorus::base_ms[Chorus::voices - 1] + 2 * greatest(P::chorus_depth_ms)) * rate + 2;
}

}  // namespace

Chorus::State::State(double rate) {
  for (Ring& ring : rings) ring = Ring(longest_delay_frames(rate));
}

void Chorus::Control::advance(const Smoothed& params, int64_t first_frame, Frame& frame) {
  lfo_.advance(params.at(P::chorus_hz), rate_, first_frame);
  frame.rate = rate_;
  frame.turn[0] = lfo_.from();
  frame.turn[1] = lfo_.to();
  frame.depth_ms[0] = params.was(P::chorus_depth_ms);
  frame.depth_ms[1] = params.at(P::chorus_depth_ms);
}

}  // namespace auralis
