// SPDX-License-Identifier: MIT
// The effects, each once and in the order in which they process; all that goes over them all is made from these lists.
//   to add one   its parameters in model/patch.h, its files fx/NAME/NAME.{h,cpp}, its include and its line here
//
// A send takes what the layers send it, and adds to what it returns to:
//
//   struct Chorus {
//     send             the voice parameter that says how much of a layer goes there
//     taken_from_dry   whether that share leaves the direct sound
//     slow             optional: the parameters that glide in 200 ms instead of 20
//     Frame            plain data: what one quantum's control asks of the inner loop
//     State            what it remembers, copied by value; State(rate); memory_frames(), after which what went in has passed
//     Control          Control(rate); advance(params, first_frame, frame); optional: tune(pitches), to follow the chord
//   };
//   bool run(State&, const Frame&, int64_t first_frame, const StereoQuantum& in, Returns& to)
//                      the inner loop, in the namespace of each instruction set; true where what it remembers is silent:
//                      with that and silence at its input for memory_frames() it is not run
//
// An insert works on the whole mix after them: Frame, State(rate), Control, and
//   void run(State&, const Frame&, int64_t first_frame, StereoQuantum& mix)
// It is linear, so that stems sum to the mix. A finish is the same, and need not be: it is for the mix alone.
#pragma once

#include "synth/fx/chorus/chorus.h"
#include "synth/fx/cloud/cloud.h"
#include "synth/fx/delay/delay.h"
#include "synth/fx/dynamics/dynamics.h"
#include "synth/fx/eq/eq.h"
#include "synth/fx/limiter/limiter.h"
#include "synth/fx/output/output.h"
#include "synth/fx/resonator/resonator.h"
#include "synth/fx/reverb/reverb_kernel.h"
#include "synth/fx/spectral/spectral.h"
#include "synth/fx/tape/tape.h"
#include "synth/fx/width/width.h"

#define AURALIS_SENDS(X)  \
  X(chorus, Chorus)       \
  X(delay, Delay)         \
  X(cloud, Cloud)         \
  X(resonator, Resonator) \
  X(spectral, Spectral)   \
  X(reverb, Reverb)

#define AURALIS_INSERTS(X) \
  X(eq, Eq)                \
  X(width, Width)          \
  X(output, Output)

#define AURALIS_FINISHES(X) \
  X(tape, Tape)             \
  X(dynamics, Dynamics)

namespace auralis {

// What the voices hand to the effects each quantum: the dry sound, and what goes to each send.
#define AURALIS_BUS(name, Effect) alignas(64) StereoQuantum name;
struct Buses {
  alignas(64) StereoQuantum dry;
  AURALIS_SENDS(AURALIS_BUS)
};
#undef AURALIS_BUS
inline constexpr size_t bus_count = sizeof(Buses) / sizeof(StereoQuantum);
inline constexpr int send_count = static_cast<int>(bus_count) - 1;

// One quantum's worth of control for all of them.
#define AURALIS_FRAME(name, Effect) Effect::Frame name;
struct ControlFrame {
  int64_t first_frame;
  AURALIS_SENDS(AURALIS_FRAME)
  AURALIS_INSERTS(AURALIS_FRAME)
  AURALIS_FINISHES(AURALIS_FRAME)
  LimiterFrame limiter;
};
#undef AURALIS_FRAME

// A send's state, and for how long nothing but silence has gone in: past its memory it may be skipped.
template <typename State>
struct SendState {
  explicit SendState(double rate)
      : state(rate), memory_frames(state.memory_frames()), quiet_frames(memory_frames) {}

  State state;
  int64_t memory_frames;
  int64_t quiet_frames;
};

#define AURALIS_SEND_STATE(name, Effect) SendState<Effect::State> name{rate};
#define AURALIS_INSERT_STATE(name, Effect) Effect::State name{rate};
struct EffectsState {
  explicit EffectsState(double rate_hz) : rate(rate_hz) {}

  double rate;
  AURALIS_SENDS(AURALIS_SEND_STATE)
  AURALIS_INSERTS(AURALIS_INSERT_STATE)
};
struct FinishState {
  explicit FinishState(double rate_hz) : rate(rate_hz) {}

  double rate;
  AURALIS_FINISHES(AURALIS_INSERT_STATE)
};
#undef AURALIS_SEND_STATE
#undef AURALIS_INSERT_STATE

}  // namespace auralis
