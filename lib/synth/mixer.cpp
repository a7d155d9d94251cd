// SPDX-License-Identifier: MIT
#include "synth/mixer.h"

#include "model/units.h"
#include "synth/fx/kernels.h"
#include "synth/simd/functions.h"

namespace auralis {

void Fader::move(const Patch& patch, double ducked) {
  const auto value = [&patch](VoiceParam param) { return static_cast<double>(patch[param]); };
  const double trim = value(VoiceParam::trim_db);
  const double level =
      trim <= silence_db
          ? 0.0
          : baseline::gain_of_db(value(VoiceParam::gain_db) + trim - ducked * value(VoiceParam::duck_db));
  double dry = 1.0;
#define AURALIS_TAKE(name, Effect) \
  if (Effect::taken_from_dry) dry -= value(Effect::send);
  AURALIS_SENDS(AURALIS_TAKE)
#undef AURALIS_TAKE
#define AURALIS_SHARE(name, Effect) , value(Effect::send)
  const double shares[bus_count] = {dry AURALIS_SENDS(AURALIS_SHARE)};
#undef AURALIS_SHARE
  for (size_t i = 0; i < bus_count; ++i) to_[i] = static_cast<float>(level * shares[i]);
}

void Fader::mix(Isa isa, const StereoQuantum& layer, Buses& buses) const {
  Ramp gains[bus_count];
  for (size_t i = 0; i < bus_count; ++i) gains[i] = {from_[i], (to_[i] - from_[i]) * (1.0F / quantum_frames)};
  effects_kernels(isa).mix(gains, layer, buses);
}

}  // namespace auralis
