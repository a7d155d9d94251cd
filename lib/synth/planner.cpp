// SPDX-License-Identifier: MIT
#include "synth/planner.h"

#include <algorithm>
#include <cmath>

#include "model/layer.h"
#include "model/units.h"

namespace auralis {
namespace {

constexpr double least_glide_s = 0.02;  // a step of one parameter
constexpr double least_bend_s =
    0.01;  // a step of pitch, which cannot click: only steps of a bend must not be heard
constexpr double patch_morph_s = 0.05;  // a new patch under sounding notes
constexpr double longest_s = 1e9;       // beyond any piece, and far from where frames overflow

}  // namespace

int64_t frame_of(double t_s, int rate) { return std::llround(std::clamp(t_s, 0.0, longest_s) * rate); }

Planner::Planner(int rate, int max_voices, Isa isa)
    : rate_(rate), pool_(rate, max_voices, isa), master_(master_params, default_master_patch()) {}

void Planner::push(const Event& event) { pending_.push_back(event); }

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
    Strip& strip = strips_[i];
    const bool moves = strip.glide.advance();
    if (moves) pool_.move(static_cast<int>(i), strip.glide.values());
    const bool ducked = ducking && strip.glide.values()[VoiceParam::duck_db] > 0.0F;
    if (moves || ducked) strip.fader.move(strip.glide.values(), ducking_.at());
    plan.faders.push_back(strip.fader);
    strip.fader.settle();
  }
  master_.advance();
  plan.master = master_.values();
  plan.tuned = tuned_;
  if (tuned_) plan.pitches.swap(pitches_);
  pool_.advance(chunk);
  peak_voices_ = std::max(peak_voices_, pool_.voices());
  ++planned_;
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
  strips_.emplace_back(patch);
  strips_.back().hits = layer_kind(name) == name_of(Layer::low);
  pool_.move(static_cast<int>(strips_.size() - 1), patch);
  return strips_.size() - 1;
}

void Planner::apply(PatchEvent& event, int) {
  const int64_t morph = quanta_of(patch_morph_s, patch_morph_s);
  if (const auto* target = std::get_if<MasterPatch>(&event.params)) {
    planned_ == 0 ? master_.set(*target) : master_.morph(*target, morph);
    return;
  }
  const auto& target = std::get<Patch>(event.params);
  const size_t i = layer_of(event.layer);
  if (pool_.sounds(static_cast<int>(i))) {
    strips_[i].glide.morph(target, morph);
  } else {
    strips_[i].glide.set(target);
    settle(i);
  }
}

// A silent layer needs no glide: its next note has the new sound from its onset.
void Planner::settle(size_t layer) {
  Strip& strip = strips_[layer];
  strip.fader.move(strip.glide.values(), ducking_.at());
  strip.fader.settle();
  pool_.move(static_cast<int>(layer), strip.glide.values());
}

void Planner::apply(ChangeEvent& event, int) {
  const auto value = static_cast<float>(event.value);
  if (const auto* param = std::get_if<MasterParam>(&event.param)) {
    master_.change(*param, value, quanta_of(event.glide, least_glide_s));
    return;
  }
  const auto param = std::get<VoiceParam>(event.param);
  const size_t i = layer_of(event.layer);
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

void Planner::apply(ReleaseEvent& event, int frame) { pool_.release(event.id, frame, event.cut); }

// Moved all the way to the effects: what is copied must be allocated.
void Planner::apply(ChordEvent& event, int) {
  pitches_.swap(event.pitches);
  tuned_ = true;
}

}  // namespace auralis
