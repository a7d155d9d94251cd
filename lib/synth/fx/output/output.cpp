// SPDX-License-Identifier: MIT
#include "synth/fx/output/output.h"

#include <algorithm>

#include "model/units.h"

namespace auralis {
namespace {

using P = MasterParam;

constexpr double dc_corner_hz = 4;

}  // namespace

Output::Control::Control(double rate) {
  const double taken = one_pole(dc_corner_hz, rate);
  taken_ = static_cast<float>(taken);
  double kept = 1;
  for (float& after : kept_) after = static_cast<float>(kept *= 1 - taken);
}

void Output::Control::advance(const Smoothed& params, int64_t, Frame& frame) {
  std::copy(kept_.begin(), kept_.end(), frame.kept);
  frame.taken = taken_;
  frame.gain = gain_.advance(params.moved(P::gain_db), [&] { return fader_to_gain(params.at(P::gain_db)); });
}

}  // namespace auralis
