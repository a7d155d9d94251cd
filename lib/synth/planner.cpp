// SPDX-License-Identifier: MIT
#include "synth/planner.h"

#include <algorithm>
#include <cmath>

#include "model/layer.h"
#include "model/rng.h"
#include "model/units.h"

namespace auralis {
namespace {

constexpr double least_glide_s = 0.02;  // a step of one parameter
constexpr double least_bend_s =
    0.01;  // a step of pitch, which cannot click: only steps of a bend must not be heard
constexpr double patch_morph_s = 0.05;  // a new patch under sounding notes
constexpr double longest_s = 1e9;       // beyond any piece, and far from where frames overflow

bool asks_for_unison(const Event& event) {
  if (const auto* patch = std::get_if<PatchEvent>(&event)) {
    for (const Route& route : patch->modulation) {
      if (route.param == VoiceParam::unison) return true;
    }
    const auto* sound = std::get_if<Patch>(&patch->params);
    return sound != nullptr && (*sound)[VoiceParam::unison] > 1.0F;
  }
  const auto* change = std::get_if<ChangeEvent>(&event);
  return change != nullptr && change->value > 1.0 &&
         change->param == std::variant<VoiceParam, MasterParam>(VoiceParam::unison);
}

uint32_t asked_sources(const Event& event) {
  if (const auto* patch = std::get_if<PatchEvent>(&event)) {
    const auto* sound = std::get_if<Patch>(&patch->params);
    return source::sources_of(patch->modulation) | (sound == nullptr ? 0 : source::sources_of(*sound));
  }
  const auto* change = std::get_if<ChangeEvent>(&event);
  const auto* param = change == nullptr ? nullptr : std::get_if<VoiceParam>(&change->param);
  return param == nullptr || change->value <= 0.0 ? 0 : source::source_of(*param);
}

}  // namespace

int64_t frame_of(double t_s, int rate) { return std::llround(std::clamp(t_s, 0.0, longest_s) * rate); }

Planner::Planner(int rate, int max_voices, Isa isa, int64_t first_quantum)
    : rate_(rate),
      pool_(rate, max_voices, isa, first_quantum),
      master_(master_params, default_master_patch()),
      first_(first_quantum),
      planned_(first_quantum) {}

void Planner::push(const Event& event) {
  if (asks_for_unison(event)) pool_.take_unison();
  pool_.take_sources(asked_sources(event));
  pending_.push_back(event);
}

void Planner::plan(QuantumPlan& plan, voice::Chunk& chunk) {
  const int64_t first = planned_ * quantum_frames;
  tuned_ = false;
  while (!pending_.empty()) {
    Event& event = pending_.front();
    const int64_t frame = frame_of(event_time(event), rate_) - first;
    if (frame >= quantum_frames) break;
    std::visit([&](auto& e) { apply(e, static_cast<int>(std::max<int64_t>(0, frame))); }, event);
    pending_.pop_front();
  }
  plan.faders.clear();
  const bool ducking = ducking_.advance(master_.values(), rate_);
  for (size_t i = 0; i < strips_.size(); ++i) {
    move(i, ducking);
    plan.faders.push_back(strips_[i].fader);
    strips_[i].fader.settle();
  }
  master_.advance();
  plan.master = master_.values();
  plan.tuned = tuned_;
  if (tuned_) plan.pitches.swap(pitches_);
  pool_.advance(chunk);
  peak_voices_ = std::max(peak_voices_, pool_.voices());
  ++planned_;
}

// Over the quantum, by glides, routes and hits. A silent layer's routes stand still; its next note settles it.
void Planner::move(size_t layer, bool ducking) {
  Strip& strip = strips_[layer];
  const auto number = static_cast<int>(layer);
  const bool glides = strip.glide.advance();
  if (strip.routes.own_changed(planned_)) pool_.modulate(number, strip.routes.own());
  if (strip.routes.of_layer() && pool_.sounds(number)) {
    Patch patch = strip.glide.values();
    strip.routes.move(patch, planned_ + 1);
    pool_.move(number, patch);
    strip.fader.move(patch, ducking_.at());
    return;
  }
  const Patch& patch = strip.glide.values();
  if (glides) pool_.move(number, patch);
  if (glides || (ducking && patch[VoiceParam::duck_db] > 0.0F)) strip.fader.move(patch, ducking_.at());
}

int64_t Planner::quanta_of(double glide_s, double least_s) const {
  return std::llround(std::ceil(std::clamp(glide_s, least_s, longest_s) * rate_ / quantum_frames));
}

size_t Planner::layer_of(const std::string& name) {
  for (size_t i = 0; i < names_.size(); ++i) {
    if (names_[i] == name) return i;
  }
  const Patch patch = builtin_patch(name);
  names_.push_back(name);
  strips_.emplace_back(patch, modulation::LayerRoutes(rate_, seed_, name));
  strips_.back().hits = layer_kind(name) == name_of(Layer::low);
  pool_.move(static_cast<int>(strips_.size() - 1), patch);
  return strips_.size() - 1;
}

void Planner::apply(StartEvent& event, int) { seed_ = hash_name(event.seed); }

void Planner::apply(PatchEvent& event, int) {
  const int64_t morph = quanta_of(event.glide, patch_morph_s);
  if (const auto* target = std::get_if<MasterPatch>(&event.params)) {
    begun() ? master_.morph(*target, morph) : master_.set(*target);
    return;
  }
  const auto& target = std::get<Patch>(event.params);
  const size_t i = layer_of(event.layer);
  Strip& strip = strips_[i];
  pool_.expect_sources(static_cast<int>(i),
                       (source::sources_of(target) | source::sources_of(event.modulation)) != 0);
  pool_.set_wave(static_cast<int>(i), event.wave);
  if (pool_.sounds(static_cast<int>(i)) || event.glide > 0.0) {
    strip.glide.morph(target, morph);
    strip.routes.go_to(event.modulation, planned_, morph);
  } else {
    strip.glide.set(target);
    strip.routes.go_to(event.modulation, planned_, 0);
    settle(i);
  }
}

// A silent layer needs no glide: its next note has the new sound from its onset.
void Planner::settle(size_t layer) {
  Strip& strip = strips_[layer];
  const auto number = static_cast<int>(layer);
  Patch patch = strip.glide.values();
  if (strip.routes.of_layer()) strip.routes.move(patch, planned_);
  strip.fader.move(patch, ducking_.at());
  strip.fader.settle();
  pool_.move(number, patch);
  if (strip.routes.own_changed(planned_)) pool_.modulate(number, strip.routes.own());
}

void Planner::apply(ChangeEvent& event, int) {
  const auto value = static_cast<float>(event.value);
  if (const auto* param = std::get_if<MasterParam>(&event.param)) {
    master_.change(*param, value, quanta_of(event.glide, least_glide_s));
    return;
  }
  const auto param = std::get<VoiceParam>(event.param);
  const size_t i = layer_of(event.layer);
  if (value > 0.0F && source::source_of(param) != 0) pool_.expect_sources(static_cast<int>(i), true);
  PatchGlide& glide = strips_[i].glide;
  if (event.glide == 0.0 && !pool_.sounds(static_cast<int>(i))) {
    glide.set(param, value);
    settle(i);
    return;
  }
  glide.change(param, value,
               quanta_of(event.glide, param == VoiceParam::tune_st ? least_bend_s : least_glide_s));
}

void Planner::apply(NoteEvent& event, int frame) {
  const size_t layer = layer_of(event.layer);
  const Patch& sound = strips_[layer].glide.values();
  if (strips_[layer].hits)
    ducking_.hit(event.vel * std::min(1.0, fader_to_gain(static_cast<double>(sound[VoiceParam::trim_db]))));
  if (strips_[layer].routes.of_layer() && !pool_.sounds(static_cast<int>(layer))) settle(layer);
  const int64_t sounding = frame_of(event.t + event.dur, rate_) - frame_of(event.t, rate_);
  pool_.begin({.id = event.id,
               .layer = static_cast<int>(layer),
               .pitch = event.pitch,
               .vel = event.vel,
               .pan = event.pan,
               .onset = frame,
               .frames = std::max<int64_t>(1, sounding)},
              event.layer);
}

void Planner::apply(BendEvent& event, int) {
  pool_.bend(event.id, event.pitch, quanta_of(event.glide, least_bend_s));
}

void Planner::apply(ReleaseEvent& event, int frame) { pool_.release(event.id, frame, event.cut); }

// Moved all the way to the effects: what is copied must be allocated.
void Planner::apply(ChordEvent& event, int) {
  pitches_.swap(event.pitches);
  tuned_ = true;
}

}  // namespace auralis
