// SPDX-License-Identifier: MIT
#include "model/event_history.h"

#include <algorithm>
#include <span>
#include <type_traits>
#include <utility>

#include "model/event_stream.h"
#include "model/layer.h"
#include "model/maths.h"

namespace auralis {
namespace {

// Straight along the parameter's curve, as the synthesizer's long glides are.
template <typename Move>
float value_at(const Move& move, Curve curve, double t_s) {
  if (t_s >= move.ends_s) return move.to;
  const double share = (t_s - move.begins_s) / (move.ends_s - move.begins_s);
  const auto between = [share](double from, double to) { return from + (to - from) * share; };
  if (curve != Curve::logarithmic) return static_cast<float>(between(move.from, move.to));
  return static_cast<float>(maths::exp2(
      between(maths::log2(static_cast<double>(move.from)), maths::log2(static_cast<double>(move.to)))));
}

template <typename Sound, typename Set>
void rest(Sound& sound, const Set& values) {
  for (size_t i = 0; i < sound.moves.size(); ++i)
    sound.moves[i] = {values.values[i], values.values[i], 0.0, 0.0};
}

template <typename Sound, size_t count>
void begin(Sound& sound, size_t i, float to, double t_s, double glide_s,
           const std::array<ParamInfo, count>& table) {
  sound.moves[i] = {value_at(sound.moves[i], table[i].curve, t_s), to, t_s, t_s + glide_s};
}

template <typename Sound, typename Set, size_t count>
void begin_all(Sound& sound, const Set& to, double t_s, double glide_s,
               const std::array<ParamInfo, count>& table) {
  for (size_t i = 0; i < count; ++i) begin(sound, i, to.values[i], t_s, glide_s, table);
}

// Its values at a second, and what moves on from there.
template <typename Param, typename Set, typename Sound, size_t count>
std::string sound_lines(const std::string& layer, const Sound& sound, double t_s,
                        const std::array<ParamInfo, count>& table) {
  Set values{};
  std::string glides;
  for (size_t i = 0; i < count; ++i) {
    values.values[i] = value_at(sound.moves[i], table[i].curve, t_s);
    if (t_s >= sound.moves[i].ends_s) continue;
    glides += to_line(ChangeEvent{.t = t_s,
                                  .layer = layer,
                                  .param = static_cast<Param>(i),
                                  .value = static_cast<double>(sound.moves[i].to),
                                  .glide = sound.moves[i].ends_s - t_s});
  }
  return to_line(PatchEvent{.t = t_s,
                            .layer = layer,
                            .params = values,
                            .modulation = sound.modulation,
                            .wave = sound.wave}) +
         glides;
}

}  // namespace

void EventHistory::push(const Event& event) {
  if (const auto* start = std::get_if<StartEvent>(&event)) {
    const double window_s = window_s_;
    *this = EventHistory(window_s);
    start_ = *start;
    return;
  }
  newest_s_ = std::max(newest_s_, event_time(event));
  if (!std::holds_alternative<AdvanceEvent>(event)) window_.push_back(event);
  while (!window_.empty() && event_time(window_.front()) < begins_s()) {
    leave_window(window_.front());
    window_.pop_front();
  }
  std::erase_if(sounding_, [this](const auto& note) { return note.second.t + note.second.dur < begins_s(); });
}

// Of a young piece from its very beginning.
double EventHistory::begins_s() const { return std::max(0.0, newest_s_ - window_s_); }

void EventHistory::leave_window(const Event& event) {
  std::visit(
      [this](const auto& e) {
        using Kind = std::decay_t<decltype(e)>;
        if constexpr (std::is_same_v<Kind, PatchEvent> || std::is_same_v<Kind, ChangeEvent>) {
          leave(e);
        } else if constexpr (std::is_same_v<Kind, NoteEvent>) {
          sounding_[e.id] = e;
        } else if constexpr (std::is_same_v<Kind, BendEvent>) {
          if (const auto note = sounding_.find(e.id); note != sounding_.end()) note->second.pitch = e.pitch;
        } else if constexpr (std::is_same_v<Kind, ReleaseEvent>) {
          sounding_.erase(e.id);
        } else if constexpr (std::is_same_v<Kind, ChordEvent>) {
          chord_ = e;
        }
      },
      event);
}

EventHistory::LayerSound& EventHistory::sound_of(const std::string& layer) {
  const auto [found, is_new] = layers_.try_emplace(layer);
  if (is_new) rest(found->second, builtin_patch(layer));
  return found->second;
}

void EventHistory::leave(const PatchEvent& event) {
  if (const auto* values = std::get_if<MasterPatch>(&event.params)) {
    if (!master_) rest(master_.emplace(), *values);
    return begin_all(*master_, *values, event.t, event.glide, master_params);
  }
  LayerSound& sound = sound_of(event.layer);
  begin_all(sound, std::get<Patch>(event.params), event.t, event.glide, voice_params);
  sound.modulation = event.modulation;
  sound.wave = event.wave;
}

void EventHistory::leave(const ChangeEvent& event) {
  const auto value = static_cast<float>(event.value);
  if (const auto* param = std::get_if<MasterParam>(&event.param)) {
    if (!master_) rest(master_.emplace(), default_master_patch());
    return begin(*master_, static_cast<size_t>(*param), value, event.t, event.glide, master_params);
  }
  begin(sound_of(event.layer), static_cast<size_t>(std::get<VoiceParam>(event.param)), value, event.t,
        event.glide, voice_params);
}

std::string EventHistory::lines() const {
  if (!start_) return {};
  const double t_s = begins_s();
  std::string out = to_line(*start_);
  if (master_)
    out += sound_lines<MasterParam, MasterPatch>(std::string(master_layer), *master_, t_s, master_params);
  for (const auto& [layer, sound] : layers_)
    out += sound_lines<VoiceParam, Patch>(layer, sound, t_s, voice_params);
  if (chord_) {
    ChordEvent chord = *chord_;
    chord.t = t_s;
    out += to_line(chord);
  }
  for (const auto& [id, began] : sounding_) {
    NoteEvent note = began;
    note.dur = std::max(0.0, began.t + began.dur - t_s);
    note.t = t_s;
    out += to_line(note);
  }
  for (const Event& event : window_) out += to_line(event);
  return out + to_line(AdvanceEvent{newest_s_});
}

}  // namespace auralis
