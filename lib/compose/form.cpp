// SPDX-License-Identifier: MIT
#include "compose/form.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace auralis {
namespace {

// The course of a whole piece.
constexpr double shortest_course_s = 60.0;  // a shorter piece has none
constexpr double shared = 0.3;              // of the piece, until which it is as an endless one
constexpr double climax = 0.65;             // likewise
constexpr double arc_weight = 0.75;         // of an arc in a swing
constexpr double course_weight = 0.35;      // of the course in a swing
constexpr double wave_weight = 0.6;         // of a wave over hours, likewise
constexpr double sink_weight = 0.7;         // of a sinking, likewise

// How far the density arc reaches, of the preset's form.density.
constexpr double density_reach = 0.5;
constexpr double richness_reach = 0.3;

constexpr double intensity_register_st = 5.0;  // from 0 to 1

constexpr Range sound_step_s{17.0, 29.0};  // between two movements of the sounds

constexpr Range own_arc_s{0.8, 1.25};  // periods of a route's own arc, of the one that is asked for

constexpr double seconds_a_minute = 60.0;

constexpr double longest_opening = 0.25;  // of the piece, for all layers to enter
constexpr double endless_s = 1e6;         // long enough that an opening is never cut

// Layers at once, by intensity from 0 to 1; a preset may allow fewer.
constexpr double fewest_layers = 2.0;
constexpr double more_layers = 4.0;
constexpr size_t least_company = 2;  // so many play where the preset has as many
constexpr Layer stand_ins[] = {Layer::pad, Layer::drone, Layer::texture, Layer::lead};

constexpr double longest_signature_wait_s = 15.0;  // until the layer that a preset is known by may enter
constexpr size_t least_to_breathe = 3;             // so many play where one may leave within a scene

constexpr double longest_silence = 0.4;  // of the chord that it ends

// A draw just below a share: willing still, but the last to be asked again.
constexpr double barely = 0.999999;

double most_layers(const PieceState& state) {
  return std::min(state.preset.form.layers, fewest_layers + std::ceil(more_layers * state.intensity));
}

bool is_signature(Layer layer, const PieceState& state) {
  return name_of(layer) == state.preset.form.signature;
}

bool willing(const Cast& cast, Layer layer, const PieceState& state) {
  return cast.draws[static_cast<size_t>(layer)] < state.preset.layer(layer).share;
}

// 0 while a piece is as an endless one, 1 at its climax, −1 at its end.
double course(const Timeline& time, double t_s) {
  if (time.end_s == never || time.end_s < shortest_course_s) return 0.0;
  const double x = t_s / time.end_s;
  return x < climax ? smooth_step(shared, climax, x) : 1.0 - 2.0 * smooth_step(climax, 1.0, x);
}

// From −1 in its trough to 1 at its crest, where the preset has waves.
double wave(const FormPlan& plan, double t_s) {
  if (plan.wave_min <= 0.0) return 0.0;
  const double waves = t_s / (seconds_a_minute * plan.wave_min);
  const double phase = waves - std::floor(waves);
  return 2.0 * smooth_step(0.0, 1.0, phase < 0.5 ? 2.0 * phase : 2.0 - 2.0 * phase) - 1.0;
}

// From 0 at the beginning to 1 where it has sunk, where the preset does.
double sunk(const FormPlan& plan, double t_s) {
  return plan.sink_min <= 0.0 ? 0.0 : smooth_step(0.0, seconds_a_minute * plan.sink_min, t_s);
}

}  // namespace

Form::Form(uint64_t seed, const Range& arc_s) : seed_(seed), rng_(seed, "form") {
  Rng arcs_rng(seed, "arcs");
  arcs_ = Arcs::draw(arc_s, arcs_rng);
}

void Form::draw_arcs(uint64_t seed, const Preset& preset) {
  Rng arcs_rng(seed, "arcs of " + preset.name);
  arcs_ = Arcs::draw(preset.form.arc_s, arcs_rng);
}

double Form::swing(const Arc& arc, const PieceState& state, double t_s) const {
  const FormPlan& plan = state.preset.form;
  const double carried =
      course_weight * course(state.time, t_s) + wave_weight * wave(plan, t_s) - sink_weight * sunk(plan, t_s);
  return std::clamp(arc_weight * arc.at(t_s) + carried, -1.0, 1.0);
}

double Form::density(const PieceState& state) const {
  const double swung =
      density_reach * state.preset.form.density * swing(arcs_.density, state, state.time.now_s);
  return std::clamp(state.intensity + swung, 0.0, 1.0);
}

double Form::richness(const PieceState& state, double t_s) const {
  const double swung = richness_reach * state.preset.form.density * swing(arcs_.density, state, t_s);
  return std::clamp(state.intensity + swung, 0.0, 1.0);
}

int Form::register_st(const PieceState& state, double t_s) const {
  return static_cast<int>(std::lround(state.preset.form.register_st * swing(arcs_.pitch, state, t_s) +
                                      intensity_register_st * state.intensity_offset()));
}

double Form::brightness_oct(const PieceState& state, double t_s) const {
  return state.preset.form.brightness_oct * swing(arcs_.brightness, state, t_s);
}

double Form::space_db(const PieceState& state, double t_s) const {
  return state.preset.form.space_db * swing(arcs_.space, state, t_s);
}

double Form::arc(const Route& route, Layer layer, const PieceState& state, double t_s) const {
  switch (route.source) {
    case Source::density_arc:
      return swing(arcs_.density, state, t_s);
    case Source::brightness_arc:
      return swing(arcs_.brightness, state, t_s);
    case Source::register_arc:
      return swing(arcs_.pitch, state, t_s);
    case Source::space_arc:
      return swing(arcs_.space, state, t_s);
    default: {
      const double period_s = route.period_s;
      const Range periods_s = period_s > 0.0 ? Range{own_arc_s.low * period_s, own_arc_s.high * period_s}
                                             : state.preset.form.arc_s;
      Rng rng(seed_, "arc of " + std::string(name_of(layer)) + " " +
                         std::string(voice_params[static_cast<size_t>(route.param)].name));
      return Arc::draw(periods_s, rng).at(t_s);
    }
  }
}

double Form::draw_step_s() { return rng_.uniform(sound_step_s.low, sound_step_s.high); }

void Form::plan_entries(PieceState& state) {
  const double opening_s =
      std::min(state.preset.form.course_s, longest_opening * std::min(state.time.end_s, endless_s));
  const bool has_ground = std::any_of(all_layers.begin(), all_layers.end(),
                                      [&](Layer layer) { return info_of(layer).ground && state.on(layer); });
  for (Layer layer : all_layers) {
    const double entry_s = info_of(layer).entry * opening_s;
    const double latest_s = is_signature(layer, state) ? longest_signature_wait_s : entry_s;
    state.switch_of(layer).entry_s = has_ground ? std::min(entry_s, latest_s) : 0.0;
  }
}

Cast Form::draw_cast(const PieceState& state) {
  Cast cast;
  std::vector<Layer> players;
  for (Layer layer : all_layers) {
    const double draw = state.on(layer) ? rng_.uniform() : 1.0;
    const bool rested = layer == Layer::pad && pad_rests_;  // harmony is not away for two scenes
    const bool must = state.on(layer) && (is_signature(layer, state) || rested);
    cast.draws[static_cast<size_t>(layer)] = must ? 0.0 : draw;
    if (willing(cast, layer, state)) players.push_back(layer);
  }
  const auto stays = [&](Layer layer) { return info_of(layer).ground || is_signature(layer, state); };
  while (static_cast<double>(players.size()) > most_layers(state)) {
    if (std::all_of(players.begin(), players.end(), stays)) break;
    const size_t out = rng_.index(players.size());
    if (stays(players[out])) continue;
    cast.draws[static_cast<size_t>(players[out])] = barely * state.preset.layer(players[out]).share;
    players.erase(players.begin() + static_cast<std::ptrdiff_t>(out));
  }
  fill_cast(cast, state);
  pad_rests_ = state.on(Layer::pad) && !cast.plays[static_cast<size_t>(Layer::pad)];
  return cast;
}

void Form::breathe(Cast& cast, const Cast& whole, const PieceState& state) {
  if (!rng_.chance(state.preset.form.breath)) return;
  if (cast.plays != whole.plays) {
    cast.plays = whole.plays;
    return;
  }
  std::vector<Layer> layers;
  size_t players = 0;
  for (Layer layer : all_layers) {
    if (!cast.plays[static_cast<size_t>(layer)]) continue;
    ++players;
    if (!info_of(layer).ground && !is_signature(layer, state)) layers.push_back(layer);
  }
  if (players < least_to_breathe || layers.empty()) return;
  cast.plays[static_cast<size_t>(layers[rng_.index(layers.size())])] = false;
}

std::optional<Layer> Form::change_cast(Cast& cast, const PieceState& state) {
  std::vector<Layer> layers;
  for (Layer layer : all_layers) {
    if (state.on(layer) && !info_of(layer).ground && !is_signature(layer, state)) layers.push_back(layer);
  }
  if (layers.empty()) return std::nullopt;
  const Layer layer = layers[rng_.index(layers.size())];
  const std::array<bool, layer_count> played = cast.plays;
  double& draw = cast.draws[static_cast<size_t>(layer)];
  draw = played[static_cast<size_t>(layer)] ? 1.0 : 0.0;
  fill_cast(cast, state);
  if (cast.plays[static_cast<size_t>(layer)] == played[static_cast<size_t>(layer)]) return std::nullopt;
  return layer;
}

void Form::fill_cast(Cast& cast, const PieceState& state) {
  cast.plays.fill(false);
  const auto reluctance = [&](Layer layer) {
    if (info_of(layer).ground) return -1.0;
    return cast.draws[static_cast<size_t>(layer)] / state.preset.layer(layer).share;
  };
  std::vector<Layer> players;
  for (Layer layer : all_layers) {
    if (state.on(layer) && willing(cast, layer, state)) players.push_back(layer);
  }
  while (static_cast<double>(players.size()) > most_layers(state)) {
    const auto out = std::max_element(players.begin(), players.end(),
                                      [&](Layer a, Layer b) { return reluctance(a) < reluctance(b); });
    if (reluctance(*out) < 0.0) break;
    players.erase(out);
  }
  for (Layer layer : stand_ins) {
    if (players.size() >= least_company) break;
    if (state.on(layer) && std::find(players.begin(), players.end(), layer) == players.end())
      players.push_back(layer);
  }
  for (Layer layer : players) cast.plays[static_cast<size_t>(layer)] = true;
}

std::optional<double> Form::draw_silence_s(const FormPlan& plan, double chord_s) {
  if (!rng_.chance(plan.silence)) return std::nullopt;
  return std::min(plan.silence_s.at(rng_.uniform()), longest_silence * chord_s);
}

}  // namespace auralis
