// SPDX-License-Identifier: MIT
#include "synth/fx/control.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "model/units.h"
#include "synth/fx/cloud_control.h"
#include "synth/fx/control_math.h"
#include "synth/fx/delay_control.h"
#include "synth/fx/resonator_control.h"
#include "synth/fx/reverb_control.h"
#include "synth/fx/smoothed.h"

namespace auralis {
namespace {

using P = MasterParam;

constexpr double dc_corner_hz = 4;

}  // namespace

struct EffectsControl::Impl {
  explicit Impl(double rate)
      : params(rate), chorus(rate), delay(rate), reverb(rate), cloud(rate), resonators(rate) {}

  ControlFrame frame{};
  Smoothed params;
  ChorusControl chorus;
  DelayControl delay;
  ReverbControl reverb;
  CloudControl cloud;
  ResonatorControl resonators;
  Derived gain;
  Derived ceiling;
};

EffectsControl::EffectsControl(int rate) : impl_(std::make_unique<Impl>(rate)) {
  OutputFrame& output = impl_->frame.output;
  const double taken = one_pole(dc_corner_hz, rate);
  for (int n = 0; n < 4; ++n) output.dc_kept[n] = static_cast<float>(std::pow(1 - taken, n + 1));
  output.dc_taken = static_cast<float>(taken);
}
EffectsControl::~EffectsControl() = default;
EffectsControl::EffectsControl(EffectsControl&&) noexcept = default;
EffectsControl& EffectsControl::operator=(EffectsControl&&) noexcept = default;

void EffectsControl::tune_resonators(std::span<const double> pitches) { impl_->resonators.tune(pitches); }

void EffectsControl::advance(const MasterPatch& target, int64_t first_frame) {
  Impl& i = *impl_;
  i.params.advance(target);
  i.frame.first_frame = first_frame;
  i.chorus.advance(i.params, first_frame, i.frame.chorus);
  i.delay.advance(i.params, first_frame, i.frame.delay);
  i.reverb.advance(i.params, first_frame, i.frame.reverb);
  i.cloud.advance(i.params, first_frame, i.frame.cloud);
  i.resonators.advance(i.params, i.frame.resonators);
  OutputFrame& output = i.frame.output;
  output.gain =
      i.gain.advance(i.params.moved(P::gain_db), [&] { return fader_to_gain(i.params.at(P::gain_db)); });
  output.ceiling = i.ceiling.advance(i.params.moved(P::ceiling_db),
                                     [&] { return db_to_gain(i.params.at(P::ceiling_db)); });
}

const ControlFrame& EffectsControl::frame() const { return impl_->frame; }

}  // namespace auralis
