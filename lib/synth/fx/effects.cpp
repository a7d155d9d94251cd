// SPDX-License-Identifier: MIT
#include "synth/fx/effects.h"

#include <bit>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "synth/aligned.h"
#include "synth/fx/cloud_control.h"
#include "synth/fx/delay_control.h"
#include "synth/fx/kernels.h"
#include "synth/fx/resonator_control.h"
#include "synth/fx/reverb_control.h"
#include "synth/fx/state.h"

namespace auralis {
namespace {

constexpr int lowest_rate = 22050;  // below it the shortest feedback would be less than a quantum

// Hands out rings from one block: first counts them, then points them into it.
class RingPlan {
 public:
  // A ring for delays up to `frames`, and the quantum in which they are read.
  void add(Ring& ring, double frames) {
    const auto least = static_cast<uint32_t>(std::ceil(frames)) + quantum_frames + interpolator_taps;
    const auto size = static_cast<int32_t>(std::bit_ceil(least));
    ring.mask = size - 1;
    rings_.push_back(&ring);
    total_ += static_cast<size_t>(size + ring_margin);
  }
  Aligned<float> allocate() const {
    Aligned<float> memory(total_);
    float* at = memory.data();
    for (Ring* ring : rings_) {
      ring->data = at;
      at += ring->mask + 1 + ring_margin;
    }
    return memory;
  }

 private:
  std::vector<Ring*> rings_;
  size_t total_ = 0;
};

// A unit forgets once every ring on its way has been written through.
template <typename... Rings>
Sleep asleep_after(const Rings&... rings) {
  const int64_t memory = (0 + ... + (rings.mask + 1));
  return {memory, memory};
}

}  // namespace

struct Effects::Impl {
  Isa isa;
  Aligned<float> memory{};  // every delay line
  EffectsState state{};
};

Effects::Effects(int rate, Isa isa) : impl_(std::make_unique<Impl>(Impl{isa})) {
  if (rate < lowest_rate || rate > 192000) {
    throw Error{Exit::usage, "rate " + std::to_string(rate) + ": expected 22050 to 192000"};
  }
  EffectsState& s = impl_->state;
  RingPlan plan;
  for (size_t side = 0; side < 2; ++side) {
    plan.add(s.chorus.rings[side], ChorusControl::longest_delay_frames(rate));
    plan.add(s.delay.rings[side], DelayControl::longest_delay_frames(rate));
    plan.add(s.cloud.plain[side], CloudControl::longest_delay_frames(rate));
    plan.add(s.cloud.filtered[side], CloudControl::longest_delay_frames(rate));
    for (Ring& ring : s.reverb.all_pass[side]) plan.add(ring, ReverbControl::longest_all_pass_frames(rate));
    plan.add(s.reverb.diffusion[side], ReverbControl::longest_diffusion_frames(rate));
  }
  for (Ring& ring : s.reverb.shimmer) plan.add(ring, ReverbControl::longest_shimmer_frames(rate));
  for (size_t i = 0; i < reverb_lines; ++i) {
    plan.add(s.reverb.spread[i], ReverbControl::longest_spread_frames(rate));
    plan.add(s.reverb.lines[i], ReverbControl::longest_line_frames(rate));
  }
  impl_->memory = plan.allocate();
  s.chorus.sleep = asleep_after(s.chorus.rings[0]);
  s.delay.sleep = asleep_after(s.delay.rings[0]);
  s.cloud.sleep = asleep_after(s.cloud.plain[0]);
  s.resonators.sleep = {quantum_frames, quantum_frames};
  s.reverb.sleep =
      asleep_after(s.reverb.diffusion[0], s.reverb.spread[0], s.reverb.lines[0], s.reverb.shimmer[0]);
}

Effects::~Effects() = default;
Effects::Effects(Effects&&) noexcept = default;
Effects& Effects::operator=(Effects&&) noexcept = default;

void Effects::process(const Buses& buses, const EffectsControl& control, StereoQuantum& out) {
  const FlushDenormals flush;
  effects_kernels(impl_->isa).effects(impl_->state, buses, control.frame(), out);
}

}  // namespace auralis
