// SPDX-License-Identifier: MIT
#include "synth/fx/width/width.h"

#include "model/units.h"

namespace auralis {
namespace {

using P = MasterParam;

}  // namespace

void Width::Control::advance(const Smoothed& params, int64_t, Frame& frame) {
  if (started_ && params.still()) return;
  started_ = true;
  constexpr double uncut_hz = least(P::width_mono_hz);
  const bool cut = params.away(P::width_mono_hz, uncut_hz);
  cut_.advance(params.moved(P::width_mono_hz), cut, frame.cut,
               [&] { return variable_low_cut(params.at(P::width_mono_hz), butterworth_q, uncut_hz, rate_); });
  frame.gain =
      gain_.advance(params.moved(P::width_db), [&] { return fader_to_gain(params.at(P::width_db)); });
  frame.on = cut || params.away(P::width_db, 0);
}

}  // namespace auralis
