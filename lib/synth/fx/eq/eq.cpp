// SPDX-License-Identifier: MIT
#include "synth/fx/eq/eq.h"

namespace auralis {
namespace {

using P = MasterParam;

// A fourth-order Butterworth high-pass.
constexpr double cut_q[Eq::cuts] = {0.5411961, 1.3065630};

}  // namespace

void Eq::Control::advance(const Smoothed& params, int64_t, Frame& frame) {
  if (started_ && params.still()) return;
  started_ = true;
  constexpr double uncut_hz = least(P::eq_low_cut_hz);
  const bool cut = params.away(P::eq_low_cut_hz, uncut_hz);
  for (size_t i = 0; i < cuts; ++i) {
    glides_[i].advance(params.moved(P::eq_low_cut_hz), cut, frame.section[i], [&] {
      return variable_low_cut(params.at(P::eq_low_cut_hz), cut_q[i], uncut_hz, rate_);
    });
  }
  frame.on = cut;
  const auto band = [&](size_t i, P hz, P db, auto compute, auto... more) {
    const bool on = params.away(db, 0);
    const bool moved = params.moved(hz) || params.moved(db) || (params.moved(more) || ... || false);
    glides_[i].advance(moved, on, frame.section[i],
                       [&] { return compute(params.at(hz), params.at(more)..., params.at(db), rate_); });
    frame.on = frame.on || on;
  };
  band(cuts, P::eq_low_hz, P::eq_low_db, variable_low_shelf);
  band(cuts + 1, P::eq_bell1_hz, P::eq_bell1_db, variable_bell, P::eq_bell1_q);
  band(cuts + 2, P::eq_bell2_hz, P::eq_bell2_db, variable_bell, P::eq_bell2_q);
  band(cuts + 3, P::eq_high_hz, P::eq_high_db, variable_high_shelf);
}

}  // namespace auralis
