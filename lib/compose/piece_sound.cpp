// SPDX-License-Identifier: MIT
#include "compose/piece.h"
#include "model/layer.h"
#include "model/units.h"

namespace auralis {
namespace {

constexpr double open_oct = 1.6;   // cutoffs, from intensity 0 to 1
constexpr double lively_db = 8.0;  // level of all but drone and pad, from intensity 0 to 1

}  // namespace

void Composer::Piece::change(Layer layer, VoiceParam param, double value, double glide_s) {
  const ParamInfo& info = voice_params[static_cast<size_t>(param)];
  emit(ChangeEvent{now_, std::string(name_of(layer)), param, rounded(std::clamp(value, info.min, info.max)),
                   micro(glide_s)});
}

void Composer::Piece::change(MasterParam param, double value, double glide_s) {
  const ParamInfo& info = master_params[static_cast<size_t>(param)];
  emit(ChangeEvent{now_, std::string(master_layer), param, rounded(std::clamp(value, info.min, info.max)),
                   micro(glide_s)});
}

double Composer::Piece::course(double t) const {
  if (end_ == never || end_ < 60.0) return 0.0;
  const double x = t / end_;
  return 2.0 * std::min(smooth_step(0.0, 0.65, x), 1.0 - smooth_step(0.65, 1.0, x)) - 1.0;
}

Patch Composer::Piece::sound_at(Layer layer, double t) const {
  Patch sound = preset_.layer(layer).sound;
  const auto clamped = [](VoiceParam param, double value) {
    const ParamInfo& info = voice_params[static_cast<size_t>(param)];
    return static_cast<float>(std::clamp(value, info.min, info.max));
  };
  const double share = layer == Layer::pad || layer == Layer::texture ? 1.0 : 0.5;
  const double octaves =
      share * preset_.form.brightness_oct * swing(arcs_.brightness, t) + open_oct * intensity_offset();
  const double cutoff = std::min<double>(sound[VoiceParam::cutoff_hz] * std::exp2(octaves), 16000.0);
  sound[VoiceParam::cutoff_hz] = clamped(VoiceParam::cutoff_hz, std::round(cutoff * 100.0) / 100.0);
  if (layer != Layer::drone && layer != Layer::pad) {
    sound[VoiceParam::gain_db] =
        clamped(VoiceParam::gain_db, sound[VoiceParam::gain_db] + rounded(lively_db * intensity_offset()));
  }
  // The slow LFOs go with the tempo.
  sound[VoiceParam::filter_lfo_hz] = clamped(
      VoiceParam::filter_lfo_hz, sound[VoiceParam::filter_lfo_hz] * rounded(tempo_target_ / preset_.bpm));
  sound[VoiceParam::trim_db] = clamped(VoiceParam::trim_db, trim_db(layer));
  return sound;
}

MasterPatch Composer::Piece::master_at(double t) const {
  MasterPatch master = preset_.master;
  const double gain = rounded(db_to_gain(preset_.form.space_db * swing(arcs_.space, t)));
  const auto scale = [&](MasterParam param, double factor) {
    const ParamInfo& info = master_params[static_cast<size_t>(param)];
    master[param] = static_cast<float>(rounded(std::clamp(master[param] * factor, info.min, info.max)));
  };
  scale(MasterParam::reverb_level, gain);
  scale(MasterParam::delay_level, gain);
  scale(MasterParam::cloud_level, gain);
  // Echoes follow the tempo half the way: their pitch bends as they glide.
  const double slowness = rounded(std::sqrt(preset_.bpm / tempo_target_));
  scale(MasterParam::delay_left_s, slowness);
  scale(MasterParam::delay_right_s, slowness);
  return master;
}

void Composer::Piece::send_sound(Layer layer, double t, double glide_s) {
  const Patch wanted = sound_at(layer, t);
  Patch& sent = sent_[static_cast<size_t>(layer)];
  for (size_t p = 0; p < voice_param_count; ++p) {
    if (wanted.values[p] != sent.values[p])
      change(layer, static_cast<VoiceParam>(p), wanted.values[p], glide_s);
  }
  sent = wanted;
}

void Composer::Piece::send_master(double t, double glide_s) {
  const MasterPatch wanted = master_at(t);
  for (size_t p = 0; p < master_param_count; ++p) {
    if (static_cast<MasterParam>(p) == MasterParam::gain_db && now_ >= fade_from_) continue;
    if (wanted.values[p] != sent_master_.values[p])
      change(static_cast<MasterParam>(p), wanted.values[p], glide_s);
  }
  sent_master_ = wanted;
}

}  // namespace auralis
