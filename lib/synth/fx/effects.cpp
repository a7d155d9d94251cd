// SPDX-License-Identifier: MIT
#include "synth/fx/effects.h"

#include <string>

#include "base/error.h"
#include "synth/fx/kernels.h"

namespace auralis {
namespace {

constexpr int lowest_rate = 22050;  // below it the shortest feedback would be less than a quantum
constexpr int highest_rate = 192000;

int checked(int rate) {
  if (rate < lowest_rate || rate > highest_rate) {
    throw Error{Exit::usage, "rate " + std::to_string(rate) + ": expected 22050 to 192000"};
  }
  return rate;
}

}  // namespace

Effects::Effects(int rate, Isa isa) : isa_(isa), state_(checked(rate)) {}

void Effects::process(Buses& buses, const EffectsControl& control, StereoQuantum& out) {
  effects_kernels(isa_).effects(state_, buses, control.frame(), out);
}

}  // namespace auralis
