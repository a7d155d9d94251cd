// SPDX-License-Identifier: MIT
// Control of the resonator bank: up to 32 modes on the partials of the present chord.
//   modes    shared out evenly: with four pitches, eight partials each; partial h is h times as soft
//   level    a steady tone on a fundamental comes out four times as strong for one pitch, less by √pitches
//   chords   two banks: the new chord's begins silent, the old one stops listening and fades over 1.5 s; a third chord
//            within that time waits for its end
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "synth/fx/control_math.h"
#include "synth/fx/smoothed.h"

namespace auralis {

class ResonatorControl {
 public:
  explicit ResonatorControl(double rate);
  void tune(std::span<const double> pitches);
  void advance(const Smoothed& params, ResonatorFrame& frame);

 private:
  struct Bank {
    std::vector<double> pitches;
    double listen = 0;
    double fade = 0;
  };
  void set_modes(const Bank& bank, double decay_s, ResonatorBank& frame) const;

  double rate_;
  std::array<Bank, 2> banks_;
  size_t current_ = 0;
  std::vector<double> wanted_;
};

}  // namespace auralis
