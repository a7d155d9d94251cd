// SPDX-License-Identifier: MIT
#include "synth/fx/output/output.h"

#include <algorithm>
#include <cmath>

#include "model/units.h"

namespace auralis {
namespace {

using P = MasterParam;

constexpr double dc_corner_hz = 4;

}  // namespace

Output::Control::Control(double rate) {
  const double taken = one_pole(dc_corner_hz, rate);
  taken_ = static_cast<float>(taken);
  for (size_t n = 0; n < kept_.size(); ++n) {
    kept_[n] = static_cast<float>(std::pow(1 - taken, static_cast<int>(n) + 1));
  }
}

void Output::Control::advance(const Smoothed& params, int64_t, Frame& frame) {
  std::copy(kept_.begin(), kept_.end(), frame.kept);
  frame.taken = taken_;
  frame.gain = gain_.advance(params.moved(P::gain_db), [&] { return fader_to_gain(params.at(P::gain_db)); });
}

}  // namespace auralis
