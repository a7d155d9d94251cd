// SPDX-License-Identifier: MIT
#include "synth/mixer.h"

#include "core/units.h"
#include "synth/dsp/functions.h"

namespace auralis {

void Fader::move(const Patch& patch) {
  const auto value = [&patch](VoiceParam param) { return static_cast<double>(patch[param]); };
  const double trim = value(VoiceParam::trim_db);
  const double level = trim <= silence_db ? 0.0 : baseline::gain_of_db(value(VoiceParam::gain_db) + trim);
  const double chorus = value(VoiceParam::chorus_send);
  const double shares[sends] = {1.0 - chorus,
                                chorus,
                                value(VoiceParam::delay_send),
                                value(VoiceParam::reverb_send),
                                value(VoiceParam::cloud_send),
                                value(VoiceParam::resonator_send)};
  for (int i = 0; i < sends; ++i) to_.send[i] = static_cast<float>(level * shares[i]);
}

void Fader::mix(const StereoQuantum& layer, Buses& buses) const {
  StereoQuantum* const out[sends] = {&buses.dry,    &buses.chorus, &buses.delay,
                                     &buses.reverb, &buses.cloud,  &buses.resonator};
  for (int i = 0; i < sends; ++i) {
    const float from = from_.send[i];
    const float to = to_.send[i];
    if (from == 0.0F && to == 0.0F) continue;
    const float step = (to - from) * (1.0F / quantum_frames);
    for (int side = 0; side < 2; ++side) {
      for (int n = 0; n < quantum_frames; ++n) {
        (*out[i])[side][n] += layer[side][n] * (from + step * static_cast<float>(n));
      }
    }
  }
}

}  // namespace auralis
