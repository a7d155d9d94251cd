// SPDX-License-Identifier: MIT
#include "synth/fx/limiter.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "model/units.h"
#include "synth/aligned.h"
#include "synth/fx/kernels.h"
#include "synth/fx/state.h"

namespace auralis {
namespace {

constexpr double release_s = 0.15;
// Interpolators differ near the Nyquist frequency, where a meter may find a little more than we do.
constexpr double margin_db = 0.15;

}  // namespace

struct Limiter::Impl {
  Isa isa;
  Aligned<float> memory{};
  LimiterState state{};
};

Limiter::Limiter(int rate, Isa isa) : impl_(std::make_unique<Impl>(Impl{isa})) {
  LimiterState& s = impl_->state;
  const bool fast = rate >= 64000;
  s.lookahead = fast ? most_limiter_lookahead : limiter_lookahead;
  s.taps = fast ? most_detector_taps : detector_taps;
  for (int phase = 0; phase < detector_phases; ++phase) {
    double gain = 0;
    for (int k = 0; k < s.taps; ++k) {
      const double x = k - (s.taps / 2 - 1) - 0.25 * (phase + 1);
      const double window = 0.5 + 0.5 * std::cos(2 * std::numbers::pi * x / (s.taps + 1));
      const double weight =
          window * std::sin(std::numbers::pi * x) / (std::numbers::pi * x) / db_to_gain(-margin_db);
      s.interpolator[phase][k] = static_cast<float>(weight);
      gain += std::abs(weight);
    }
    s.interpolator_gain = std::max(s.interpolator_gain, static_cast<float>(gain));
  }
  s.release = static_cast<float>(1 - std::exp(-1 / (release_s * rate)));
  s.gain = 1;

  const int64_t lookahead = s.lookahead;
  const int64_t sound = lookahead + quantum_frames;
  const int64_t detector = detector_history + quantum_frames;
  const int64_t held = lookahead / quantum_frames + 1;
  constexpr int64_t to_come = quantum_frames + 16;  // rows of whole cache lines
  impl_->memory = Aligned<float>(static_cast<size_t>(2 * sound + 2 * detector + held * to_come + lookahead));
  float* at = impl_->memory.data();
  const auto take = [&](int64_t frames) { return std::exchange(at, at + frames); };
  for (size_t side = 0; side < 2; ++side) {
    s.sound[side] = take(sound);
    s.detector[side] = take(detector);
  }
  std::fill(at, at + held * to_come + lookahead, 1.0f);
  for (int64_t i = 0; i < held; ++i) s.to_come[i] = take(to_come);
  s.past = take(lookahead);
  s.open_frames = sound;
}

Limiter::~Limiter() = default;
Limiter::Limiter(Limiter&&) noexcept = default;
Limiter& Limiter::operator=(Limiter&&) noexcept = default;

int Limiter::lookahead_frames() const { return impl_->state.lookahead; }

void Limiter::process(const StereoQuantum& in, const EffectsControl& control, StereoQuantum& out) {
  const FlushDenormals flush;
  effects_kernels(impl_->isa).limiter(impl_->state, control.frame().output, in, out);
}

}  // namespace auralis
