// SPDX-License-Identifier: MIT
#include "compose/piece.h"

#include "base/text.h"

#include "model/layer.h"
#include "model/units.h"

namespace auralis {
namespace {

constexpr double shortest_tail_s = 2.0;
constexpr double longest_tail_s = 20.0;
constexpr double tempo_step_s = 0.25;

}  // namespace

Composer::Piece::Piece(const Preset& preset, const ComposeSettings& settings)
    : preset_(preset),
      settings_(settings),
      harmony_rng_(settings.seed, "harmony"),
      form_rng_(settings.seed, "form"),
      pad_rng_(settings.seed, "pad"),
      drone_rng_(settings.seed, "drone"),
      lead_rng_(settings.seed, "lead"),
      bells_rng_(settings.seed, "bells"),
      texture_rng_(settings.seed, "texture"),
      percussion_rng_(settings.seed, "percussion"),
      melody_(settings.seed) {
  wake_.fill(never);
  Rng arcs_rng(settings.seed, "arcs");
  arcs_ = Arcs::draw(preset_.form.arc_s, arcs_rng);
  const Control& initial = settings_.initial;
  if (initial[ControlId::preset])
    throw ControlError("preset", "preset is given beside the controls, expected it once");
  check_layers(initial);
  take_musical_fields(initial);
  tempo_target_ = bpm_;
  home_ = chart_home_ = scale_.tonic;
  for (const auto& [name, control] : initial.layers) take_layer(*find_layer(name), control);
  if (settings_.duration_s) plan_end(micro(*settings_.duration_s), longest_tail_s);
  begin();
  if (settings_.duration_s) fade_out();
}

void Composer::Piece::compose_until(double t_s, std::vector<Event>& out) {
  if (ended_) return;
  for (;;) {
    const auto next = std::min_element(wake_.begin(), wake_.end());
    if (*next >= t_s || *next >= end_) break;
    now_ = *next;
    *next = never;
    run(static_cast<size_t>(next - wake_.begin()));
  }
  if (end_ < t_s) {
    flush(end_, true, out);
    out.emplace_back(EndEvent{end_});
    ended_ = true;
    return;
  }
  flush(t_s, false, out);
}

Composer::State Composer::Piece::state() const {
  State state{key_,
              std::string(scale_.mode->name),
              bpm_,
              intensity_,
              preset_.name,
              current_.chord.name,
              std::min(next_.t, end_),
              {}};
  for (size_t i = 0; i < layer_count; ++i) state.layers[i] = {on(static_cast<Layer>(i)), layers_[i].gain_db};
  return state;
}

// ---- time and events

void Composer::Piece::flush(double until_s, bool inclusive, std::vector<Event>& out) {
  std::sort(pending_.begin(), pending_.end(), [](const Pending& a, const Pending& b) {
    return std::tie(a.t, a.order) < std::tie(b.t, b.order);
  });
  size_t count = 0;
  for (Pending& p : pending_) {
    if (inclusive ? p.t > until_s : p.t >= until_s) break;
    out.push_back(std::move(p.event));
    ++count;
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
}

void Composer::Piece::run(size_t part) {
  switch (part) {
    case form:
      run_form();
      break;
    case tempo:
      run_tempo();
      break;
    case harmony:
      run_harmony();
      break;
    case drone:
      run_drone();
      break;
    case lead:
      run_lead();
      break;
    case bells:
      run_bells();
      break;
    case texture:
      run_texture();
      break;
    case low:
      run_low();
      break;
    case swell:
      run_swell();
      break;
    case brush:
      run_brush();
      break;
    default:
      run_pad(part - pad);
      break;
  }
}

// ---- notes

uint64_t Composer::Piece::play(Layer layer, int pitch, double stress, double dur_s, Rng& rng) {
  const LayerPlan& plan = preset_.layer(layer);
  dur_s = std::min(dur_s, quiet_from() - now_);
  if (dur_s < 0.05) return 0;
  const double lively = 0.85 + 0.3 * intensity_;
  NoteEvent note;
  note.t = now_;
  note.id = ++last_id_;
  note.layer = std::string(name_of(layer));
  note.pitch = pitch;
  note.vel = rounded(std::clamp(plan.velocity.at(stress) * lively, 0.02, 1.0));
  note.dur = micro(dur_s);
  note.pan = rounded(plan.width * rng.uniform(-1.0, 1.0));
  sounding_.push_back({note.id, layer, pitch, micro(now_ + note.dur)});
  emit(note);
  return note.id;
}

double Composer::Piece::fitting(int pitch, double dur_s) const {
  if (next_.t == never || now_ + dur_s < next_.t + 1.0 || agrees(next_.chord, pitch)) return dur_s;
  return std::max(next_.t - now_, 0.5);
}

void Composer::Piece::release(uint64_t id, double t) {
  emit(ReleaseEvent{micro(t), id});
  for (Sounding& note : sounding_) {
    if (note.id == id) note.end = std::min(note.end, micro(t));
  }
}

// ---- layers

bool Composer::Piece::on(Layer layer) const {
  const LayerState& state = layers_[static_cast<size_t>(layer)];
  if (layer == Layer::lead && settings_.melody == MelodyKind::none) return false;
  return state.wished.value_or(preset_.layer(layer).on);
}

bool Composer::Piece::active(Layer layer) const {
  const LayerState& state = layers_[static_cast<size_t>(layer)];
  if (!on(layer) || now_ < state.entry_s) return false;
  // A listener who asks for it by name gets it all the same.
  if (info_of(layer).percussive && state.wished != true && intensity_ < percussion_from_intensity)
    return false;
  return state.wished.value_or(false) || current_.scene.layers[static_cast<size_t>(layer)];
}

void Composer::Piece::check_layers(const Control& control) const {
  for (const auto& [name, layer] : control.layers) {
    if (find_layer(name)) continue;
    throw ControlError("layers." + name,
                       "layers." + name + " is unknown, expected " + expected_name(name, layer_names()));
  }
}

void Composer::Piece::take_layer(Layer layer, const LayerControl& control) {
  LayerState& state = layers_[static_cast<size_t>(layer)];
  if (control.on) state.wished = *control.on;
  if (control.gain_db) state.gain_db = *control.gain_db;
}

double Composer::Piece::trim_db(Layer layer) const {
  const LayerState& state = layers_[static_cast<size_t>(layer)];
  return state.wished == false ? silence_db : state.gain_db;
}

// ---- beginning and end

double Composer::Piece::tail_s() const {
  const double release = preset_.layer(Layer::pad).sound[VoiceParam::release_s];
  const double reverb = preset_.master[MasterParam::reverb_time_s];
  return std::clamp(release + reverb, shortest_tail_s, longest_tail_s);
}

void Composer::Piece::plan_end(double end_s, double longest_tail) {
  end_ = end_s;
  const double tail = std::min({tail_s(), longest_tail, 0.35 * (end_ - now_)});
  sound_end_ = micro(end_ - tail);
  // The last of the tail sinks under a fade, so that the end is silent whatever the reverb.
  fade_from_ = micro(sound_end_ + 0.4 * tail);
}

void Composer::Piece::fade_out() {
  const ParamInfo& gain = master_params[static_cast<size_t>(MasterParam::gain_db)];
  emit(ChangeEvent{fade_from_, std::string(master_layer), MasterParam::gain_db, gain.min,
                   micro(std::max(end_ - fade_from_ - 0.05, 0.0))});
}

void Composer::Piece::begin() {
  StartEvent start;
  start.seed = std::to_string(settings_.seed);
  start.preset = preset_.name;
  start.key = key_;
  start.mode = std::string(scale_.mode->name);
  start.bpm = bpm_;
  start.intensity = intensity_;
  emit(start);

  // Who enters when: the ground first, what moves later.
  const double course_s = std::min(preset_.form.course_s, 0.25 * std::min(end_, 1e6));
  for (Layer layer : all_layers) {
    const auto i = static_cast<size_t>(layer);
    layers_[i].entry_s = on(Layer::drone) || on(Layer::pad) ? info_of(layer).entry * course_s : 0.0;
    sent_[i] = sound_at(layer, 0.0);
    emit(PatchEvent{0.0, std::string(name_of(layer)), sent_[i]});
  }
  sent_master_ = master_at(0.0);
  emit(PatchEvent{0.0, std::string(master_layer), sent_master_});

  modulate_at_ = draw_modulation();
  next_.scale = scale_;
  plan_next(0.0);
  wake_[harmony] = 0.0;
  wake_[form] = 0.0;
  wake_[drone] = 0.0;
  for (Layer layer : {Layer::lead, Layer::bells, Layer::texture, Layer::low, Layer::brush}) {
    wake_[part_of(layer)] = micro(layers_[static_cast<size_t>(layer)].entry_s + 0.5);
  }
}

// ---- form

void Composer::Piece::run_form() {
  const double step_s = form_rng_.uniform(17.0, 29.0);
  for (Layer layer : {Layer::drone, Layer::pad, Layer::lead, Layer::bells, Layer::texture, Layer::swell}) {
    if (on(layer)) send_sound(layer, now_ + step_s, step_s);
  }
  send_master(now_ + step_s, step_s);
  forget_ended();
  wake(form, now_ + step_s);
}

void Composer::Piece::run_tempo() {
  const double old = bpm_;
  const double left_s = tempo_until_ - now_;
  bpm_ = left_s < tempo_step_s ? tempo_target_ : bpm_ + (tempo_target_ - bpm_) * tempo_step_s / left_s;
  bpm_ = rounded(bpm_);
  stretch_beats(old / bpm_);
  if (bpm_ != tempo_target_) wake(tempo, now_ + tempo_step_s);
}

void Composer::Piece::stretch_beats(double ratio) {
  for (size_t part : {lead, bells, low, brush}) {
    if (wake_[part] != never) wake_[part] = micro(now_ + (wake_[part] - now_) * ratio);
  }
  lead_grid_ = now_ + (lead_grid_ - now_) * ratio;
}

}  // namespace auralis
