// SPDX-License-Identifier: MIT
// Control of the granular cloud: when each grain begins, where it is taken from, how fast and where it is heard.
//   grains     drawn from a hash of their number; the k-th begins when the running count of grains passes a point
//              of its own between k and k + 1, so that onsets are irregular and never pile up
//   level      as strong as what goes in, however many grains overlap; single grains keep their own level
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "synth/fx/control_math.h"
#include "synth/fx/smoothed.h"

namespace auralis {

class CloudControl {
 public:
  explicit CloudControl(double rate);
  void advance(const Smoothed& params, int64_t first_frame, CloudFrame& frame);

  static double longest_delay_frames(double rate);

 private:
  struct Live {
    double start_delay;  // frames, at its first frame
    double ratio;
    double length;  // frames
    double age;     // frames, at the start of the quantum; negative before its first frame
    std::array<float, 2> gain;
  };
  Live make_grain(const Smoothed& params, int64_t number, double age) const;

  double rate_;
  bool started_ = false;
  double count_ = 0;  // of grains begun
  std::vector<Live> live_;
  std::array<DerivedSection, 2> low_pass_;
};

}  // namespace auralis
