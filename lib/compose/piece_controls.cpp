// SPDX-License-Identifier: MIT
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "compose/piece.h"
#include "model/layer.h"
#include "model/music.h"

namespace auralis {
namespace {

// How soon and how slowly what was asked for comes, as the table says.
const double crossing_s = info_of(ControlId::key).glide_s;
const double morph_s = info_of(ControlId::preset).glide_s;
const double tempo_ramp_s = info_of(ControlId::bpm).glide_s;
const double intensity_glide_s = info_of(ControlId::intensity).glide_s;
const double level_glide_s = info_of(LayerControlId::gain_db).glide_s;
const double layer_fade_s = info_of(LayerControlId::on).glide_s;
constexpr double hasty_tail_s = 6.0;  // of a piece that is told to end: its listener waits

}  // namespace

Control Composer::Piece::apply(const Control& control, double t_s, std::vector<Event>& out) {
  check_layers(control);
  std::optional<Preset> preset;
  if (const std::string* name = control.text(ControlId::preset)) {
    if (!is_layer_name(*name) || !settings_.find_preset)
      throw ControlError("preset", "preset is unknown, expected the name of one");
    try {
      preset = settings_.find_preset(*name);
    } catch (const Error& e) {
      throw ControlError("preset", e.what());
    }
  }
  t_s = std::ceil(t_s * 1e6 - 1e-3) / 1e6;
  compose_until(t_s, out);
  if (ended_) return {};
  now_ = t_s;
  emit(ControlEvent{now_, control.id, control_fields(control).dump()});

  const double old_bpm = tempo_target_;
  const double old_intensity = intensity_;
  const Scale old_scale = scale_;
  std::array<bool, layer_count> was_active{};
  for (Layer layer : all_layers) was_active[static_cast<size_t>(layer)] = active(layer);
  if (preset) morph_to(*preset);
  take_musical_fields(control);
  if (preset || tempo_target_ != old_bpm) change_tempo();
  if (intensity_ != old_intensity && !preset) change_intensity(was_active);
  for (const auto& [name, layer] : control.layers) change_layer(*find_layer(name), layer);
  if (control[ControlId::key]) {  // where the listener put it is home
    home_ = scale_.tonic;
    modulate_at_ = draw_modulation();
  }
  if (preset || scale_ != old_scale ||
      ((control[ControlId::key] || control[ControlId::mode]) && scale_for_next_))
    cross_to_new_harmony();
  flush(now_, true, out);
  return control;
}

double Composer::Piece::finish(double t_s, std::vector<Event>& out) {
  t_s = std::ceil(t_s * 1e6 - 1e-3) / 1e6;
  compose_until(t_s, out);
  if (ended_) return end_;
  now_ = t_s;
  const double wanted = micro(t_s + 3.0 + std::min(tail_s(), hasty_tail_s));
  if (wanted < end_) {
    std::erase_if(pending_, [&](const Pending& p) {
      return p.t > now_ && std::holds_alternative<ChangeEvent>(p.event);
    });
    finishing_ = true;
    plan_end(wanted, hasty_tail_s);
    fade_out();
    for (const Sounding& note : sounding_) {
      if (note.end > sound_end_) release(note.id, sound_end_);
    }
    if (!current_.last) {
      plan_next(micro(now_ + 0.5));
      wake_[harmony] = next_.t;
    }
  }
  return end_;
}

// ---- controls

void Composer::Piece::take_musical_fields(const Control& control) {
  if (scale_.mode == nullptr) {
    scale_ = {*key_pitch_class(preset_.key), find_mode(preset_.mode)};
    key_ = preset_.key;
    bpm_ = tempo_target_ = preset_.bpm;
    intensity_ = preset_.intensity;
    if (const double* bpm = control.number(ControlId::bpm)) bpm_ = *bpm;
  }
  if (const std::string* key = control.text(ControlId::key)) {
    scale_.tonic = *key_pitch_class(*key);
    key_ = *key;
  }
  if (const std::string* mode = control.text(ControlId::mode)) scale_.mode = find_mode(*mode);
  if (const double* bpm = control.number(ControlId::bpm)) tempo_target_ = rounded(*bpm);
  if (const double* intensity = control.number(ControlId::intensity)) intensity_ = *intensity;
}

void Composer::Piece::change_tempo() {
  tempo_until_ = now_ + tempo_ramp_s;
  wake(tempo, now_);
  for (Layer layer : all_layers) send_sound(layer, now_ + tempo_ramp_s, tempo_ramp_s);
  send_master(now_ + 2.0 * tempo_ramp_s, 2.0 * tempo_ramp_s);
}

void Composer::Piece::change_layer(Layer layer, const LayerControl& control) {
  const bool was_active = active(layer);
  take_layer(layer, control);
  LayerState& state = layers_[static_cast<size_t>(layer)];
  if (control.on == true) state.entry_s = std::min(state.entry_s, now_);
  send_sound(layer, now_ + level_glide_s, control.on == false ? layer_fade_s : level_glide_s);
  if (control.on == false) release_layer(layer, now_ + layer_fade_s);
  const bool silent = std::none_of(sounding_.begin(), sounding_.end(), [&](const Sounding& note) {
    return note.layer == layer && note.end > now_;
  });
  if (active(layer) && (!was_active || (control.on == true && silent))) start_now(layer);
}

void Composer::Piece::release_layer(Layer layer, double t) {
  for (Sounding& note : sounding_) {
    if (note.layer == layer && note.end > t) release(note.id, t);
  }
  if (layer == Layer::pad) {
    for (PadSlot& slot : slots_) slot.end = std::min(slot.end, t), slot.id = 0;
  }
}

void Composer::Piece::start_now(Layer layer) {
  if (layer == Layer::pad) {
    for (size_t i = 0; i < std::min(current_.voicing.size(), most_pad_voices); ++i)
      wake(pad + i, now_ + 0.3 * static_cast<double>(i));
  } else if (layer == Layer::swell) {
    swell_s_ = preset_.percussion.swell_s.low;
    wake(swell, now_);
  } else {
    wake(part_of(layer), now_);
  }
}

void Composer::Piece::change_intensity(const std::array<bool, layer_count>& was_active) {
  for (Layer layer : all_layers) send_sound(layer, now_ + intensity_glide_s, intensity_glide_s);
  // Room for more layers, or for fewer, from now on. A fader that is dragged brings many small steps: what plays
  // plays on, what left is released, and only what was silent begins.
  fill_layers(current_.scene);
  fill_layers(next_.scene);
  for (Layer layer : all_layers) {
    const bool now_active = active(layer);
    if (was_active[static_cast<size_t>(layer)] && !now_active) release_layer(layer, now_ + intensity_glide_s);
    if (!was_active[static_cast<size_t>(layer)] && now_active) start_now(layer);
  }
  // A rest that was drawn for thinner music is cut short.
  for (size_t part : {lead, texture}) {
    if (wake_[part] != never && melody_.phrase_over())
      wake(part, now_ + std::min(wake_[part] - now_, 6.0 * (1.2 - intensity_)));
  }
}

void Composer::Piece::morph_to(const Preset& preset) {
  preset_ = preset;
  scale_.mode = nullptr;
  const double bpm = bpm_;
  take_musical_fields({});
  bpm_ = bpm;
  home_ = scale_.tonic;
  memory_.clear();
  plain_scenes_ = 0;
  modulate_at_ = draw_modulation();
  Rng arcs_rng(settings_.seed, "arcs of " + preset_.name);
  arcs_ = Arcs::draw(preset_.form.arc_s, arcs_rng);
  low_bars_.clear();
  brush_cycle_.clear();
  answer_.clear();
  melody_.break_off();
}

void Composer::Piece::cross_to_new_harmony() {
  const bool morphs = preset_.name != sounding_preset_;
  sounding_preset_ = preset_.name;
  if (morphs) {
    for (Layer layer : all_layers) {
      send_sound(layer, now_ + morph_s, morph_s);
      if (!on(layer)) release_layer(layer, now_ + 0.4 * morph_s);
    }
    send_master(now_ + morph_s, morph_s);
    wake(form, now_ + morph_s);
  }
  melody_.break_off();
  answer_.clear();
  scale_for_next_.reset();
  for (const Sounding& note : sounding_) {
    if (!scale_.contains(note.pitch) && note.end > now_ + 0.8) releases_.push_back(note.id);
  }
  for (uint64_t id : std::exchange(releases_, {})) release(id, now_ + 0.8);
  for (PadSlot& slot : slots_) {
    if (slot.pitch >= 0 && !scale_.contains(slot.pitch)) slot = {};
  }
  scene_left_ = 0;
  if (current_.chord.degree >= scale_.size()) current_.chord.degree = -1;
  silence_from_ = silence_to_ = never;
  if (!current_.last || sound_end_ - now_ > 3.0 * crossing_s) {
    plan_next(micro(now_ + crossing_s));
    if (!morphs) next_.scene.layers = current_.scene.layers;
    wake(harmony, next_.t);
  }
  wake(drone, now_ + crossing_s);
  wake(lead, now_ + crossing_s + 1.0);
  wake(bells, now_ + crossing_s + 2.0);
}

}  // namespace auralis
