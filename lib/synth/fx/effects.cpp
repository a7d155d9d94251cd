// SPDX-License-Identifier: MIT
#include "synth/fx/effects.h"

#include <cstring>
#include <string>

#include "base/error.h"
#include "synth/fx/kernels.h"

namespace auralis {
namespace {

int checked(int rate) {
  if (rate < lowest_rate || rate > highest_rate) {
    throw Error{Exit::usage, "rate " + std::to_string(rate) + ": expected " + std::to_string(lowest_rate) +
                                 " to " + std::to_string(highest_rate)};
  }
  return rate;
}

}  // namespace

Effects::Effects(int rate, Isa isa) : isa_(isa), state_(checked(rate)) {}

void Effects::process(Buses& buses, const ControlFrame& frame, StereoQuantum& out) {
  for (int i = 0; i < send_count; ++i) run_send(i, buses, frame);
  std::memcpy(out, buses.dry, sizeof out);
  run_inserts(frame, out);
}

void Effects::run_send(int which, Buses& buses, const ControlFrame& frame) {
  effects_kernels(isa_).send(which, state_, buses, frame);
}

void Effects::run_inserts(const ControlFrame& frame, StereoQuantum& mix) {
  effects_kernels(isa_).inserts(state_, frame, mix);
}

Finish::Finish(int rate, Isa isa) : isa_(isa), state_(checked(rate)) {}

void Finish::process(const ControlFrame& frame, StereoQuantum& mix) {
  effects_kernels(isa_).finish(state_, frame, mix);
}

}  // namespace auralis
