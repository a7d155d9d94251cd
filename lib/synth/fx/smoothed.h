// SPDX-License-Identifier: MIT
// The master parameters on their way to what was asked: each step becomes an exponential glide in the parameter's
// own curve, 20 ms long, or 200 ms for depths and intervals.
//   slow      which ones are slow
//   was, at   the value at the start and at the end of the present quantum
//   target    what was asked, within its range
#pragma once

#include <array>
#include <span>

#include "model/patch.h"
#include "synth/fx/control_math.h"

namespace auralis {

constexpr double greatest(MasterParam p) { return master_params[static_cast<size_t>(p)].max; }
constexpr double least(MasterParam p) { return master_params[static_cast<size_t>(p)].min; }

class Smoothed {
 public:
  Smoothed(double rate, std::span<const MasterParam> slow);

  void advance(const MasterPatch& target);  // the first call takes the values as they are

  double was(MasterParam p) const { return was_[static_cast<size_t>(p)]; }
  double at(MasterParam p) const { return at_[static_cast<size_t>(p)]; }
  double target(MasterParam p) const { return target_[static_cast<size_t>(p)]; }
  bool moved(MasterParam p) const { return was(p) != at(p); }
  bool away(MasterParam p, double from) const { return was(p) != from || at(p) != from; }
  bool still() const { return still_; }  // nothing has moved in this quantum, nor in the one before
  Ramp ramp(MasterParam p) const { return make_ramp(was(p), at(p)); }

 private:
  void approach(size_t i, double asked);

  using Values = std::array<double, master_param_count>;
  bool started_ = false;
  bool settled_ = false;  // where it was, it is, and is to be
  bool still_ = false;
  MasterPatch asked_{};
  Values place_{};  // in the domain of the parameter's curve
  Values was_{};
  Values at_{};
  Values target_{};
  std::array<bool, master_param_count> moving_{};  // where it was, or is, is not where it is to be
  Values approach_{};                              // share of the way gone in a quantum
};

}  // namespace auralis
