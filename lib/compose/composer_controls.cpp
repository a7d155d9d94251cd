// SPDX-License-Identifier: MIT
// What a listener's controls do to the piece, and an early end.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "compose/composer.h"
#include "compose/preset/preset_mix.h"
#include "model/layer.h"
#include "model/music.h"

namespace auralis {
namespace {

// How soon a control begins to act, and how long its change takes, as the control table says.
const double crossing_s = info_of(ControlId::key).glide_s;
const double morph_s = info_of(ControlId::preset).glide_s;
const double mix_s = info_of(ControlId::mix).glide_s;
const double tempo_ramp_s = info_of(ControlId::bpm).glide_s;
const double intensity_glide_s = info_of(ControlId::intensity).glide_s;
const double level_glide_s = info_of(LayerControlId::gain_db).glide_s;
const double volume_glide_s = info_of(ControlId::volume).glide_s;
const double layer_fade_s = info_of(LayerControlId::on).glide_s;

constexpr double clash_release_s = 0.8;  // after which a tone outside the new harmony is released
constexpr double unused_release = 0.4;   // of a morph, after which layers without use are released
constexpr double echo_ramps = 2.0;       // of tempo_ramp_s: a slower glide bends the echoes' pitch less
// The last chord is changed only while so much of the piece is left, in units of crossing_s.
constexpr double crossings_before_end = 3.0;

// A piece that is asked to end does so soon, since its listener is waiting.
constexpr double last_chord_in_s = 0.5;
constexpr double ending_s = 7.0;
constexpr double quick_fade_s = 2.0;

// The next whole microsecond; what misses one by rounding alone is on it.
double next_us(double t_s) { return std::ceil(t_s * 1e6 - 1e-3) / 1e6; }

}  // namespace

void Composer::check_layers(const Control& control) {
  for (const auto& [name, layer] : control.layers) {
    if (find_layer(name)) continue;
    throw ControlError("layers." + name,
                       "layers." + name + " is unknown, expected " + expected_name(name, layer_names()));
  }
}

Preset Composer::find_preset(const std::string& name, const std::string& field) const {
  if (!is_layer_name(name) || !settings_.find_preset)
    throw ControlError(field, field + " is unknown, expected the name of a preset");
  try {
    return settings_.find_preset(name);
  } catch (const Error& error) {
    throw ControlError(field, error.what());
  }
}

// What a control asks for, where it asks for one or for a mix; presets of a mix that goes on are kept as they were.
std::optional<Preset> Composer::chosen_preset(const Control& control) {
  std::vector<Preset> known = std::move(mixed_);
  mixed_.clear();
  if (const Mix* mix = control.mix()) {
    if (const std::string* beside = control.text(ControlId::preset)) find_preset(*beside, "preset");
    std::vector<MixPart> parts;
    std::vector<Preset> named;
    for (const auto& [name, share] : *mix) {
      if (share <= 0.0) continue;
      const auto one = std::find_if(known.begin(), known.end(),
                                    [&wanted = name](const Preset& p) { return p.name == wanted; });
      named.push_back(one != known.end() ? *one : find_preset(name, "mix." + name));
    }
    mixed_ = std::move(named);
    size_t i = 0;
    for (const auto& [name, share] : *mix) {
      if (share > 0.0) parts.push_back({&mixed_[i++], share});
    }
    return mixed(parts);
  }
  if (const std::string* name = control.text(ControlId::preset)) return find_preset(*name, "preset");
  mixed_ = std::move(known);
  return std::nullopt;
}

std::optional<Tuning> Composer::find_tuning(const Control& control) const {
  const std::string* name = control.text(ControlId::tuning);
  if (name == nullptr) return std::nullopt;
  for (const std::optional<Tuning>& own :
       {std::optional(state_.tuning), state_.preset.scale, settings_.tuning}) {
    if (own && own->name == *name) return own;
  }
  if (const Tuning* known = auralis::find_tuning(*name)) return *known;
  if (!settings_.find_tuning)
    throw ControlError("tuning", "tuning is unknown, expected " + expected_name(*name, tuning_names()));
  try {
    return settings_.find_tuning(*name);
  } catch (const Error& error) {
    throw ControlError("tuning", error.what());
  }
}

Control Composer::apply(const Control& control, double t_s, std::vector<Event>& out) {
  check_layers(control);
  const std::optional<Preset> preset = chosen_preset(control);
  const std::optional<Tuning> tuning = find_tuning(control);
  t_s = next_us(t_s);
  compose_until(t_s, out);
  if (ended_) return {};
  state_.time.now_s = t_s;
  queue_.push(ControlEvent{t_s, control});
  give_out(t_s, true, out);

  const double old_bpm = state_.tempo.target_bpm;
  const double old_intensity = state_.intensity;
  const Scale old_scale = state_.scale;
  const std::array<bool, layer_count> played = playing();
  const bool morphs = preset && *preset != state_.preset;  // also one that was edited, and is chosen again
  const bool mixes = control.mix() != nullptr;
  // Around the same preset the piece goes on, and only its sounds and forces move.
  const bool anew = preset && !(mixes && preset->name == state_.preset.name);
  if (mixes)
    take_mix(*preset, !anew);
  else if (preset)
    take_preset(*preset);
  if (preset) state_.mix = mixes ? *control.mix() : Mix();
  if (anew) {
    progression_.forget(state_);
    form_.draw_arcs(settings_.seed, *preset);
  }
  take_musical_fields(control);
  if (control[ControlId::volume]) move_all_sounds(volume_glide_s);
  if (tuning) state_.tuning = *tuning;
  intonation_.retune(t_s, state_.tuning, state_.reference_hz, out);
  if (anew || state_.tempo.target_bpm != old_bpm) change_tempo();
  if (!anew && (morphs || state_.intensity != old_intensity))
    change_forces(played, morphs ? mix_s : intensity_glide_s);
  for (const auto& [name, layer] : control.layers) change_layer(*find_layer(name), layer);
  if (control[ControlId::key]) progression_.settle(state_);
  const bool names_harmony = control[ControlId::key] || control[ControlId::mode];
  if (anew || state_.scale != old_scale || (names_harmony && progression_.modulates())) {
    if (anew && morphs) morph_sounds(mixes ? mix_s : morph_s);
    cross_harmony(anew, anew && morphs);
  }
  give_out(state_.time.now_s, true, out);
  return control;
}

double Composer::finish(double t_s, std::vector<Event>& out, Ending ending) {
  Timeline& time = state_.time;
  t_s = next_us(t_s);
  compose_until(t_s, out);
  const double over_s = std::min(time.end_s, settings_.cut_s.value_or(never));
  if (ended_) return over_s;
  time.now_s = t_s;
  const bool quick = ending == Ending::quick;
  const double end_s = whole_us(t_s + (quick ? quick_fade_s : ending_s));
  if (end_s >= over_s) return over_s;
  queue_.drop_changes_after(t_s);
  time.finishing = true;
  plan_end(end_s);
  if (quick) time.fade_from_s = t_s;
  Sounds::fade_out(time, queue_);
  notes_.release_all([&](const SoundingNote& note) { return note.end_s > time.sound_end_s; },
                     time.sound_end_s, queue_);
  if (!quick && !progression_.current().last) {
    progression_.plan_next(t_s + last_chord_in_s, state_, form_);
    schedule_.wake(chord_sleeper_, progression_.next().t_s);
  }
  return time.end_s;
}

void Composer::take_preset(const Preset& preset) {
  state_.preset = preset;
  state_.scale = {*key_pitch_class(preset.key), find_mode(preset.mode), preset.key[0]};
  state_.key = preset.key;
  state_.tempo.target_bpm = preset.bpm;
  state_.intensity = preset.intensity;
  state_.tuning = preset.scale ? *preset.scale : settings_.tuning.value_or(equal_temperament());
  const double* reference = settings_.initial.number(ControlId::reference);
  state_.reference_hz =
      preset.reference_hz != standard_hz || reference == nullptr ? preset.reference_hz : *reference;
}

// What a listener has moved stays moved by as much; around the same preset, key, mode and tuning stay as they are.
void Composer::take_mix(const Preset& mixed, bool same_harmony) {
  const double faster_bpm = state_.tempo.target_bpm - state_.preset.bpm;
  const double more = state_.intensity_offset();
  if (same_harmony)
    state_.preset = mixed;
  else
    take_preset(mixed);
  const ControlInfo& bpm = info_of(ControlId::bpm);
  const ControlInfo& intensity = info_of(ControlId::intensity);
  state_.tempo.target_bpm = rounded(std::clamp(mixed.bpm + faster_bpm, bpm.min, bpm.max));
  state_.intensity = rounded(std::clamp(mixed.intensity + more, intensity.min, intensity.max));
}

void Composer::take_musical_fields(const Control& control) {
  if (const std::string* key = control.text(ControlId::key)) {
    state_.scale.tonic = *key_pitch_class(*key);
    state_.scale.letter = (*key)[0];
    state_.key = *key;
  }
  if (const std::string* mode = control.text(ControlId::mode)) state_.scale.mode = find_mode(*mode);
  if (const double* bpm = control.number(ControlId::bpm)) state_.tempo.target_bpm = rounded(*bpm);
  if (const double* volume = control.number(ControlId::volume)) state_.volume_db = *volume;
  if (const double* reference = control.number(ControlId::reference)) state_.reference_hz = *reference;
  if (const double* intensity = control.number(ControlId::intensity)) state_.intensity = *intensity;
}

void Composer::change_tempo() {
  const double now_s = state_.time.now_s;
  state_.tempo.ramp_until_s = now_s + tempo_ramp_s;
  schedule_.wake(tempo_sleeper_, now_s);
  move_all_sounds(tempo_ramp_s);
  const double echo_ramp_s = echo_ramps * tempo_ramp_s;
  sounds_.move_master(now_s + echo_ramp_s, echo_ramp_s, state_, form_, queue_);
}

void Composer::move_all_sounds(double glide_s) {
  for (Layer layer : all_layers)
    sounds_.move(layer, state_.time.now_s + glide_s, glide_s, state_, form_, queue_);
}

// There is room for more layers, or for fewer, from now on. A slider that is dragged brings many small steps, so layers
// that play go on, those that no longer do are released, and only those that were silent begin.
void Composer::change_forces(const std::array<bool, layer_count>& played, double glide_s) {
  move_all_sounds(glide_s);
  sounds_.move_master(state_.time.now_s + glide_s, glide_s, state_, form_, queue_);
  progression_.recast(state_);
  for (Layer layer : all_layers) {
    const bool before = played[static_cast<size_t>(layer)];
    const bool now = plays(layer);
    if (before && !now) release_layer(layer, state_.time.now_s + glide_s);
    if (!before && now) enter(layer);
  }
  each_part([](Part& part, const Moment& moment, Player& player) { part.intensity_changed(moment, player); });
}

void Composer::set_switch(Layer layer, const LayerControl& control) {
  LayerSwitch& set = state_.switch_of(layer);
  if (control.on) set.requested = *control.on;
  if (control.gain_db) set.gain_db = *control.gain_db;
}

void Composer::change_layer(Layer layer, const LayerControl& control) {
  const double now_s = state_.time.now_s;
  const bool played = plays(layer);
  set_switch(layer, control);
  LayerSwitch& set = state_.switch_of(layer);
  if (control.on == true) set.entry_s = std::min(set.entry_s, now_s);
  sounds_.move(layer, now_s + level_glide_s, control.on == false ? layer_fade_s : level_glide_s, state_,
               form_, queue_);
  if (control.on == false) release_layer(layer, now_s + layer_fade_s);
  const bool asked_for_and_silent = control.on == true && !notes_.sounds(layer, now_s);
  if (plays(layer) && (!played || asked_for_and_silent)) enter(layer);
}

void Composer::enter(Layer layer) {
  const Ensemble::Member& member = ensemble_.of(layer);
  Player player = player_of(member);
  member.part->enter(moment_of(member), player);
}

// Sounds glide, the composition changes at once; layers that the new preset does not use fade.
void Composer::morph_sounds(double glide_s) {
  const double now_s = state_.time.now_s;
  for (Layer layer : all_layers) {
    sounds_.move(layer, now_s + glide_s, glide_s, state_, form_, queue_);
    if (!state_.on(layer)) release_layer(layer, now_s + unused_release * glide_s);
  }
  sounds_.move_master(now_s + glide_s, glide_s, state_, form_, queue_);
  schedule_.wake(form_sleeper_, now_s + glide_s);
}

// Tones of the old harmony that clash are released, and the new chord begins within moments, with its bass.
void Composer::cross_harmony(bool new_preset, bool new_cast) {
  Timeline& time = state_.time;
  const double release_s = time.now_s + clash_release_s;
  notes_.release_all(
      [&](const SoundingNote& note) { return !state_.scale.contains(note.pitch) && note.end_s > release_s; },
      release_s, queue_);
  progression_.leave_scene(state_);
  time.silence_from_s = time.silence_to_s = never;
  if (!progression_.current().last || time.sound_end_s - time.now_s > crossings_before_end * crossing_s) {
    progression_.plan_next(time.now_s + crossing_s, state_, form_);
    if (!new_cast) progression_.keep_cast();
    schedule_.wake(chord_sleeper_, progression_.next().t_s);
  }
  each_part([&](Part& part, const Moment& moment, Player& player) {
    part.cross(moment, player, new_preset, crossing_s);
  });
}

}  // namespace auralis
