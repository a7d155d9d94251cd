// SPDX-License-Identifier: MIT
// Equalizer on the whole mix: low cut (24 dB an octave, Butterworth), low shelf, two bells, high shelf.
//   off    a band at 0 dB and the low cut at its lowest are passed over; without any the mix passes bit for bit
#pragma once

#include <array>

#include "synth/fx/smoothed.h"
#include "synth/fx/state_variable.h"

namespace auralis {

struct Eq {
  static constexpr std::array slow{MasterParam::eq_bell1_q, MasterParam::eq_bell2_q};

  static constexpr size_t cuts = 2;             // sections of the low cut, the first
  static constexpr size_t sections = cuts + 4;  // low shelf, bells, high shelf

  struct Frame {
    bool on = false;
    VariableRamp section[sections];
  };

  struct State {
    explicit State(double) {}

    bool silent = true;
    VariableState section[sections] = {};
  };

  class Control {
   public:
    explicit Control(double rate) : rate_(rate) {}
    void advance(const Smoothed& params, int64_t first_frame, Frame& frame);

   private:
    double rate_;
    bool started_ = false;
    std::array<VariableGlide, sections> glides_;
  };
};

namespace AURALIS_ISA {
namespace {

AURALIS_FN void run(Eq::State& s, const Eq::Frame& f, int64_t, StereoQuantum& mix) {
  if (!f.on || (s.silent && quiet(mix))) return;
  alignas(16) Sides x;
  to_sides(mix, x);
  bool silent = true;
  for (size_t i = 0; i < Eq::sections; ++i) silent &= filter(s.section[i], f.section[i], x);
  from_sides(x, mix);
  s.silent = silent;
}

}  // namespace
}  // namespace AURALIS_ISA
}  // namespace auralis
