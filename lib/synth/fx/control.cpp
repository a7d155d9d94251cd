// SPDX-License-Identifier: MIT
#include "synth/fx/control.h"

#include <vector>

namespace auralis {
namespace {

template <typename Effect>
void add_slow(std::vector<MasterParam>& all) {
  if constexpr (requires { Effect::slow; }) all.insert(all.end(), Effect::slow.begin(), Effect::slow.end());
}

std::vector<MasterParam> slow_params() {
  std::vector<MasterParam> all;
#define AURALIS_SLOW(name, Effect) add_slow<Effect>(all);
  AURALIS_SENDS(AURALIS_SLOW)
  AURALIS_INSERTS(AURALIS_SLOW)
  AURALIS_FINISHES(AURALIS_SLOW)
#undef AURALIS_SLOW
  return all;
}

template <typename Control>
void tune(Control& control, std::span<const double> pitches) {
  if constexpr (requires { control.tune(pitches); }) control.tune(pitches);
}

}  // namespace

EffectsControl::EffectsControl(int rate) : rate_(rate), params_(rate, slow_params()) {}

void EffectsControl::tune_resonators(std::span<const double> pitches) {
#define AURALIS_TUNE(name, Effect) tune(name##_, pitches);
  AURALIS_SENDS(AURALIS_TUNE)
  AURALIS_INSERTS(AURALIS_TUNE)
  AURALIS_FINISHES(AURALIS_TUNE)
#undef AURALIS_TUNE
}

void EffectsControl::advance(const MasterPatch& target, int64_t first_frame) {
  params_.advance(target);
  frame_.first_frame = first_frame;
#define AURALIS_ADVANCE(name, Effect) name##_.advance(params_, first_frame, frame_.name);
  AURALIS_SENDS(AURALIS_ADVANCE)
  AURALIS_INSERTS(AURALIS_ADVANCE)
  AURALIS_FINISHES(AURALIS_ADVANCE)
#undef AURALIS_ADVANCE
  limiter_.advance(params_, frame_.limiter);
}

}  // namespace auralis
