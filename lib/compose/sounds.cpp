// SPDX-License-Identifier: MIT
#include "compose/sounds.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "model/maths.h"

namespace auralis {
namespace {

constexpr double highest_moved_cutoff_hz = 16000.0;
constexpr double saw_shape = 2.0;
constexpr double rise_db = 15.0;         // over which an introduction rises
constexpr size_t most_changes = 16;      // at once; of more, a whole patch is shorter
constexpr double last_silence_s = 0.05;  // after the fade, before the end

// What intensity does to a layer, from 0 to 1: it brightens the harmony, brings what plays over it forward, and lets the
// ground sink; what is no tune, hits, swells and textures, keeps its level, or it would be all that the limiter hears. What all of it adds to the loudness is taken back from the mix.
struct Lift {
  double cutoff_oct;
  double gain_db;
  double shape;  // of the first oscillator, as far as a saw
};
constexpr Lift lift_of(Layer layer) {
  switch (layer) {
    case Layer::drone:
      return {3.6, -4.0, 1.0};
    case Layer::pad:
      return {4.0, 2.0, 0.5};
    case Layer::texture:
    case Layer::low:
    case Layer::swell:
      return {1.6, 0.0, 0.0};
    default:
      return {1.6, 4.0, 0.0};
  }
}

// When, and in what circumstances.
struct View {
  const PieceState& state;
  const Form& form;
  double t_s;
};

// How much of the brightness arc a layer follows: the wide, slow layers all of it.
constexpr double little_brightness = 0.5;
double brightness_share(Layer layer) {
  return layer == Layer::pad || layer == Layer::texture ? 1.0 : little_brightness;
}

bool is_moved(const LayerPlan& plan, VoiceParam param) {
  return std::any_of(plan.movement.begin(), plan.movement.end(),
                     [param](const Route& route) { return route.param == param; });
}

double cutoff_hz(const View& view, Layer layer, double preset_hz) {
  const double arc_oct = is_moved(view.state.preset.layer(layer), VoiceParam::cutoff_hz)
                             ? 0.0
                             : brightness_share(layer) * view.form.brightness_oct(view.state, view.t_s);
  const double octaves = arc_oct + lift_of(layer).cutoff_oct * view.state.intensity_offset();
  const double hz = std::min(preset_hz * maths::exp2(octaves), highest_moved_cutoff_hz);
  return std::round(hz * 100.0) / 100.0;
}

double shape(const View& view, Layer layer, double preset_shape) {
  const double moved = lift_of(layer).shape * view.state.intensity_offset();
  return std::clamp(preset_shape + rounded(moved), 0.0, std::max(preset_shape, saw_shape));
}

double gain_db(const View& view, Layer layer, double preset_db) {
  return preset_db + rounded(lift_of(layer).gain_db * view.state.intensity_offset());
}

// The slow LFOs go with the tempo.
double filter_lfo_hz(const View& view, Layer, double preset_hz) {
  return preset_hz * rounded(view.state.tempo.target_bpm / view.state.preset.bpm);
}

double trim_db(const View& view, Layer layer, double) { return view.state.trim_db(layer); }

struct Movement {
  VoiceParam param;
  double (*at)(const View& view, Layer layer, double preset_value);
};
constexpr Movement movements[] = {{VoiceParam::cutoff_hz, cutoff_hz},
                                  {VoiceParam::osc1_shape, shape},
                                  {VoiceParam::gain_db, gain_db},
                                  {VoiceParam::filter_lfo_hz, filter_lfo_hz},
                                  {VoiceParam::trim_db, trim_db}};

double space_gain(const View& view) { return rounded(db_to_gain(view.form.space_db(view.state, view.t_s))); }

// Echoes follow the tempo half the way: their pitch bends as they glide.
double delay_factor(const View& view) {
  return rounded(std::sqrt(view.state.preset.bpm / view.state.tempo.target_bpm));
}

struct MasterMovement {
  MasterParam param;
  double (*factor)(const View& view);
};
constexpr MasterMovement master_movements[] = {{MasterParam::reverb_level, space_gain},
                                               {MasterParam::delay_level, space_gain},
                                               {MasterParam::cloud_level, space_gain},
                                               {MasterParam::delay_left_s, delay_factor},
                                               {MasterParam::delay_right_s, delay_factor}};

// Where the arcs move what the preset has them move.
void follow_arcs(Patch& sound, Layer layer, const View& view) {
  std::array<double, voice_param_count> offsets{};
  for (const Route& route : view.state.preset.layer(layer).movement) {
    if (is_arc(route))
      offsets[static_cast<size_t>(route.param)] +=
          route.depth * view.form.arc(route, layer, view.state, view.t_s);
  }
  for (size_t p = 0; p < voice_param_count; ++p) {
    if (offsets[p] == 0.0) continue;
    const ParamInfo& info = voice_params[p];
    const auto from = static_cast<double>(sound.values[p]);
    const double to = info.curve == Curve::logarithmic ? from * maths::exp2(offsets[p]) : from + offsets[p];
    sound.values[p] = static_cast<float>(rounded(std::clamp(to, info.min, info.max)));
  }
}

Patch sound_at(Layer layer, const View& view) {
  Patch sound = view.state.preset.layer(layer).sound;
  for (const Movement& movement : movements) {
    const ParamInfo& info = voice_params[static_cast<size_t>(movement.param)];
    const double value = movement.at(view, layer, sound[movement.param]);
    sound[movement.param] = static_cast<float>(std::clamp(value, info.min, info.max));
  }
  follow_arcs(sound, layer, view);
  return sound;
}

MasterPatch master_at(const View& view) {
  MasterPatch master = view.state.preset.master;
  const ParamInfo& level = master_params[static_cast<size_t>(MasterParam::gain_db)];
  const double gain_db =
      master[MasterParam::gain_db] - view.state.preset.form.loudness_db * view.state.intensity_offset();
  master[MasterParam::gain_db] = static_cast<float>(rounded(std::clamp(gain_db, level.min, level.max)));
  for (const MasterMovement& movement : master_movements) {
    const ParamInfo& info = master_params[static_cast<size_t>(movement.param)];
    const double value = master[movement.param] * movement.factor(view);
    master[movement.param] = static_cast<float>(rounded(std::clamp(value, info.min, info.max)));
  }
  return master;
}

template <class Param>
ChangeEvent change(double t_s, std::string_view layer, Param param, const ParamInfo& info, double value,
                   double glide_s) {
  return {t_s, std::string(layer), param, rounded(std::clamp(value, info.min, info.max)), whole_us(glide_s)};
}

}  // namespace

void Sounds::begin(const PieceState& state, const Form& form, EventQueue& queue) {
  const View view{state, form, 0.0};
  for (Layer layer : all_layers) {
    Patch& sent = sent_[static_cast<size_t>(layer)];
    sent = sound_at(layer, view);
    Modulation& routes = sent_routes_[static_cast<size_t>(layer)];
    routes = without_arcs(state.preset.layer(layer).movement);
    Spectra& wave = sent_waves_[static_cast<size_t>(layer)];
    wave = state.preset.layer(layer).wave;
    queue.push(PatchEvent{0.0, std::string(name_of(layer)), sent, routes, 0.0, wave});
  }
  sent_master_ = master_at(view);
  queue.push(PatchEvent{0.0, std::string(master_layer), sent_master_});
}

void Sounds::move(Layer layer, double t_s, double glide_s, const PieceState& state, const Form& form,
                  EventQueue& queue) {
  const Patch wanted = sound_at(layer, {state, form, t_s});
  Patch& sent = sent_[static_cast<size_t>(layer)];
  Modulation& sent_routes = sent_routes_[static_cast<size_t>(layer)];
  Spectra& sent_wave = sent_waves_[static_cast<size_t>(layer)];
  const Spectra& wave = state.preset.layer(layer).wave;
  Modulation routes = without_arcs(state.preset.layer(layer).movement);
  size_t changes = 0;
  for (size_t p = 0; p < voice_param_count; ++p) changes += wanted.values[p] != sent.values[p];
  if (changes > most_changes || routes != sent_routes || !(wave == sent_wave)) {
    queue.push(
        PatchEvent{state.time.now_s, std::string(name_of(layer)), wanted, routes, whole_us(glide_s), wave});
    sent_routes = std::move(routes);
    sent_wave = wave;
    sent = wanted;
  }
  for (size_t p = 0; p < voice_param_count; ++p) {
    if (wanted.values[p] == sent.values[p]) continue;
    queue.push(change(state.time.now_s, name_of(layer), static_cast<VoiceParam>(p), voice_params[p],
                      wanted.values[p], glide_s));
  }
  sent = wanted;
}

void Sounds::move_master(double t_s, double glide_s, const PieceState& state, const Form& form,
                         EventQueue& queue) {
  MasterPatch wanted = master_at({state, form, t_s});
  // While it rises or fades, the level of the whole waits.
  if (state.time.now_s < risen_s_ || state.time.now_s >= state.time.fade_from_s)
    wanted[MasterParam::gain_db] = sent_master_[MasterParam::gain_db];
  for (size_t p = 0; p < master_param_count; ++p) {
    const auto param = static_cast<MasterParam>(p);
    if (wanted.values[p] == sent_master_.values[p]) continue;
    queue.push(change(state.time.now_s, master_layer, param, master_params[p], wanted.values[p], glide_s));
  }
  sent_master_ = wanted;
}

bool Sounds::has_arcs(const LayerPlan& plan) {
  return std::any_of(plan.movement.begin(), plan.movement.end(), is_arc);
}

void Sounds::rise(double glide_s, EventQueue& queue) {
  if (glide_s <= 0.0) return;
  const ParamInfo& info = master_params[static_cast<size_t>(MasterParam::gain_db)];
  const double gain_db = sent_master_[MasterParam::gain_db];
  queue.push(change(0.0, master_layer, MasterParam::gain_db, info, gain_db - rise_db, 0.0));
  queue.push(change(0.0, master_layer, MasterParam::gain_db, info, gain_db, glide_s));
  risen_s_ = whole_us(glide_s);
}

void Sounds::fade_out(const Timeline& time, EventQueue& queue) {
  const ParamInfo& gain = master_params[static_cast<size_t>(MasterParam::gain_db)];
  queue.push(ChangeEvent{time.fade_from_s, std::string(master_layer), MasterParam::gain_db, gain.min,
                         whole_us(std::max(time.end_s - time.fade_from_s - last_silence_s, 0.0))});
}

}  // namespace auralis
