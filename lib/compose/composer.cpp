// SPDX-License-Identifier: MIT
#include "compose/composer.h"

#include <algorithm>
#include <utility>

#include "compose/theory/rhythm.h"
#include "model/music.h"

namespace auralis {
namespace {

// The end: everything sinks, and the last notes are let go while there is a little left to hear of them.
constexpr double tail_s = 1.8;
constexpr double longest_tail = 0.35;  // of what is left of the piece
constexpr double fade_s = 4.0;
constexpr double longest_fade = 0.6;  // likewise

constexpr double cut_fade_s = 3.0;

constexpr double longest_rise = 0.25;  // of the piece

}  // namespace

Composer::Composer(const Preset& preset, const ComposeSettings& settings)
    : settings_(settings),
      form_(settings.seed, preset.form.arc_s),
      progression_(settings.seed, settings.harmony, settings.chart,
                   settings.melody == MelodyKind::transformer ? settings.voices : nullptr),
      ensemble_(settings.seed, schedule_) {
  state_.preset = preset;
  state_.has_melody = settings.melody != MelodyKind::none;
  const Control& initial = settings_.initial;
  if (initial[ControlId::preset])
    throw ControlError("preset", "preset is given beside the controls, expected it once");
  check_layers(initial);
  if (const std::optional<Preset> mixed = chosen_preset(initial)) {
    take_preset(*mixed);
    if (mixed_.size() == 1) {  // the piece of that preset
      form_ = Form(settings.seed, mixed->form.arc_s);
    } else {
      state_.mix = *initial.mix();
      form_.draw_arcs(settings.seed, *mixed);
    }
  } else {
    take_preset(preset);
  }
  if (settings.tuning) state_.tuning = *settings.tuning;
  if (const std::optional<Tuning> tuning = find_tuning(initial)) state_.tuning = *tuning;
  take_musical_fields(initial);
  intonation_ = Intonation(state_.tuning, state_.reference_hz);
  if (const double* bpm = initial.number(ControlId::bpm)) state_.tempo.target_bpm = *bpm;
  state_.tempo.bpm = state_.tempo.target_bpm;
  for (const auto& [name, control] : initial.layers) set_switch(*find_layer(name), control);
  if (settings_.duration_s) plan_end(whole_us(*settings_.duration_s));
  begin();
  if (settings_.duration_s) Sounds::fade_out(state_.time, queue_);
  if (settings_.cut_s && *settings_.cut_s < state_.time.end_s) plan_cut();
}

void Composer::begin() {
  StartEvent start;
  start.seed = std::to_string(settings_.seed);
  start.preset = state_.preset.name;
  start.key = state_.key;
  start.mode = std::string(state_.scale.mode->name);
  start.bpm = state_.tempo.bpm;
  start.intensity = state_.intensity;
  queue_.push(start);
  Form::plan_entries(state_);
  sounds_.begin(state_, form_, queue_);
  sounds_.rise(std::min(state_.preset.form.rise_s, longest_rise * state_.time.end_s), queue_);
  progression_.begin(state_, form_);
  schedule_.wake(chord_sleeper_, 0.0);
  schedule_.wake(form_sleeper_, 0.0);
  each_part([](Part& part, const Moment& moment, Player& player) { part.begin(moment, player); });
}

void Composer::compose_until(double t_s, std::vector<Event>& out) {
  if (ended_) return;
  Timeline& time = state_.time;
  const double end_s = std::min(time.end_s, settings_.cut_s.value_or(never));
  for (;;) {
    const size_t sleeper = schedule_.first();
    const double wakes_at_s = schedule_.wakes_at(sleeper);
    if (wakes_at_s >= t_s || wakes_at_s >= end_s) break;
    time.now_s = wakes_at_s;
    schedule_.sleep(sleeper);
    wake(sleeper);
  }
  if (end_s >= t_s) return give_out(t_s, false, out);
  give_out(end_s, true, out);
  out.emplace_back(EndEvent{end_s});
  ended_ = true;
}

void Composer::give_out(double until_s, bool inclusive, std::vector<Event>& out) {
  const size_t from = out.size();
  queue_.flush(until_s, inclusive, out);
  intonation_.tune(out, from);
}

void Composer::wake(size_t sleeper) {
  if (sleeper == form_sleeper_) return move_sounds();
  if (sleeper == tempo_sleeper_) return step_tempo();
  if (sleeper == chord_sleeper_) return change_chord();
  const Ensemble::Member& member = ensemble_.at(sleeper);
  Player player = player_of(member);
  member.part->play(sleeper - member.first_sleeper, moment_of(member), player);
  if (const std::optional<Phrase> phrase = member.part->take_phrase()) {
    each_part([&](Part& part, const Moment& moment, Player& answering) {
      part.take_up(*phrase, moment, answering);
    });
  }
}

Composer::State Composer::state() const {
  const PlannedChord& now = progression_.current();
  return {state_.controls(), now.chord.name,
          now.scene.number,  ensemble_.of(Layer::lead).part->motif(),
          now.scene.why,     std::min(progression_.next().t_s, state_.time.end_s)};
}

void Composer::move_sounds() {
  const double now_s = state_.time.now_s;
  const double step_s = form_.draw_step_s();
  for (const Ensemble::Member& member : ensemble_.members()) {
    const bool follows = member.traits.follows_arcs || Sounds::has_arcs(state_.preset.layer(member.layer));
    if (follows && state_.on(member.layer))
      sounds_.move(member.layer, now_s + step_s, step_s, state_, form_, queue_);
  }
  sounds_.move_master(now_s + step_s, step_s, state_, form_, queue_);
  notes_.forget_ended(now_s);
  schedule_.wake(form_sleeper_, now_s + step_s);
}

void Composer::step_tempo() {
  const double now_s = state_.time.now_s;
  const double factor = state_.tempo.step(now_s);
  for (const Ensemble::Member& member : ensemble_.members()) {
    if (!member.traits.keeps_beat) continue;
    for (size_t voice = 0; voice < member.traits.voices; ++voice)
      schedule_.stretch(member.first_sleeper + voice, now_s, factor);
    member.part->tempo_changed(now_s, factor);
  }
  if (state_.tempo.moves()) schedule_.wake(tempo_sleeper_, now_s + Tempo::step_s);
}

void Composer::change_chord() {
  Timeline& time = state_.time;
  const double change_s = progression_.advance(state_);
  const PlannedChord& current = progression_.current();
  queue_.push(ChordEvent{time.now_s,
                         current.chord.name,
                         current.chord.numeral,
                         {current.voicing.begin(), current.voicing.end()},
                         state_.key,
                         std::string(state_.scale.mode->name),
                         current.scene.number,
                         ensemble_.of(Layer::lead).part->motif(),
                         current.opens_scene ? current.scene.why : std::string()});
  time.silence_from_s = time.silence_to_s = never;
  if (change_s != never) {
    progression_.plan_next(change_s, state_, form_);
    schedule_.wake(chord_sleeper_, change_s);
    plan_silence();
  } else {
    progression_.plan_nothing();
  }
  each_part([](Part& part, const Moment& moment, Player& player) { part.chord_begins(moment, player); });
}

void Composer::plan_silence() {
  Timeline& time = state_.time;
  const PlannedChord& next = progression_.next();
  if (!next.opens_scene || next.last) return;
  const auto silence_s = form_.draw_silence_s(state_.preset.form, next.t_s - time.now_s);
  if (!silence_s) return;
  const double from_s = whole_us(next.t_s - *silence_s);
  time.silence_from_s = from_s;
  time.silence_to_s = next.t_s;
  notes_.release_all([&](const SoundingNote& note) { return note.end_s > from_s; }, from_s, queue_);
  for (const Ensemble::Member& member : ensemble_.members()) member.part->silence_planned(from_s);
}

// ---- parts

bool Composer::plays(Layer layer) const {
  const LayerSwitch& set = state_.switch_of(layer);
  if (!state_.on(layer) || state_.time.now_s < set.entry_s) return false;
  // A listener who asks for it by name gets it all the same.
  const bool asked_for = set.requested.value_or(false);
  if (info_of(layer).percussive && !asked_for && state_.intensity < percussion_from_intensity) return false;
  return asked_for || progression_.current().scene.cast.plays[static_cast<size_t>(layer)];
}

std::array<bool, layer_count> Composer::playing() const {
  std::array<bool, layer_count> playing{};
  for (Layer layer : all_layers) playing[static_cast<size_t>(layer)] = plays(layer);
  return playing;
}

Moment Composer::moment_of(const Ensemble::Member& member) const {
  const Timeline& time = state_.time;
  const std::array<bool, layer_count> now_playing = playing();
  return {state_,
          member.layer,
          state_.preset.layer(member.layer),
          progression_.current(),
          progression_.next(),
          time.now_s,
          form_.density(state_),
          form_.register_st(state_, time.now_s),
          time.quiet_from(),
          time.quiet(),
          now_playing,
          now_playing[static_cast<size_t>(member.layer)],
          ensemble_.of(Layer::lead).part->rests(),
          settings_.melody == MelodyKind::transformer ? settings_.source : nullptr};
}

Player Composer::player_of(const Ensemble::Member& member) {
  return {member.layer,
          member.traits.keeps_beat,
          member.first_sleeper,
          ensemble_.stream_of(member),
          state_,
          notes_,
          schedule_,
          queue_};
}

void Composer::each_part(const std::function<void(Part&, const Moment&, Player&)>& visit) {
  for (const Ensemble::Member& member : ensemble_.members()) {
    Player player = player_of(member);
    visit(*member.part, moment_of(member), player);
  }
}

void Composer::release_layer(Layer layer, double t_s) {
  const Ensemble::Member& member = ensemble_.of(layer);
  player_of(member).release_all(t_s, t_s);
  member.part->let_go(t_s);
}

// ---- the end

// The piece does not know of it; but what the arcs would do to the master's level in the fade is left out.
void Composer::plan_cut() {
  Timeline at_cut;
  at_cut.end_s = whole_us(*settings_.cut_s);
  settings_.cut_s = at_cut.end_s;
  at_cut.fade_from_s = state_.time.fade_from_s = whole_us(std::max(at_cut.end_s - cut_fade_s, 0.0));
  Sounds::fade_out(at_cut, queue_);
}

void Composer::plan_end(double end_s) {
  Timeline& time = state_.time;
  const double left_s = end_s - time.now_s;
  time.end_s = end_s;
  time.sound_end_s = whole_us(end_s - std::min(tail_s, longest_tail * left_s));
  time.fade_from_s = whole_us(end_s - std::min(fade_s, longest_fade * left_s));
}

}  // namespace auralis
