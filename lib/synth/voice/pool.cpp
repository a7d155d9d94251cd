// SPDX-License-Identifier: MIT
#include "synth/voice/pool.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>
#include <utility>

#include "model/units.h"
#include "synth/voice/each_lane.h"
#include "synth/voice/lane_step.h"

namespace auralis::voice {

// Twice the lanes, so that as many voices may fade as sound; and a group in which only voices with sources do.
Pool::Pool(int rate, int max_voices, Isa isa, int64_t first_quantum)
    : rate_(rate),
      max_voices_(max_voices),
      limit_(max_voices),
      isa_(isa),
      kernel_(kernel(isa)),
      groups_(static_cast<size_t>(2 * max_voices + group_lanes - 1) / group_lanes + 1),
      controls_(groups_.size()),
      params_(groups_.size()),
      settled_(groups_.size()),
      sounds_(groups_.size()),
      quantum_(first_quantum) {}

void Pool::move(int layer, const Patch& patch) {
  if (layers_.size() <= static_cast<size_t>(layer)) layers_.resize(static_cast<size_t>(layer) + 1);
  Layer& moved = layers_[static_cast<size_t>(layer)];
  const PatchUnison unison = moved.is.unison;
  const RowSet changed = moved.is.move(patch, rate_);
  moved.moved |= changed;
  moved.asked = source::asked_of(patch);
  take_sources(source::sources_of(patch));
  if (moved.voices == 0 || !moved.routes.empty())
    return;  // voices that move by themselves do so every quantum
  if (changed.params == 0 && !changed.acts_on_levels() && moved.is.unison == unison) return;
  for (Group& group : groups_) {
    for_each_lane(group.active, [&](int lane) {
      if (group.lanes[lane].note.layer == layer) fill_params(group, lane, changed);
    });
  }
}

void Pool::take_unison() {
  if (unisons_.size() == 0) unisons_ = Aligned<Unison>(groups_.size());
}

void Pool::begin_unison(Group& group, int lane) {
  const auto key = static_cast<uint32_t>(static_cast<int32_t>(control(group).noise_key[lane]));
  baseline::set_lane(unisons_[index(group)].control, baseline::begin_unison(key), lane);
}

void Pool::fill_unison(Group& group, int lane, const OwnMotion* own) {
  const PatchUnison& of_layer = layers_[static_cast<size_t>(group.lanes[lane].note.layer)].is.unison;
  const PatchUnison unison = own != nullptr ? own->unison(quantum_ + 1) : of_layer;
  group.lanes[lane].unison |= unison.count > 1.0;
  if (!group.unison) {
    if (!group.lanes[lane].unison) return;
    take_unison();
    group.unison = true;
    group.one_sided = true;
    for_each_lane(group.active, [&](int other) {
      begin_unison(group, other);
      if (other != lane) fill_unison(group, other, motion_of(group, other));
    });
  }
  if (unison == group.lanes[lane].filled) return;
  group.lanes[lane].filled = unison;
  const auto key = static_cast<uint32_t>(static_cast<int32_t>(control(group).noise_key[lane]));
  baseline::set_lane(unisons_[index(group)].params, baseline::unison_of_note(unison, key), lane);
}

// Those of its rows that may have changed.
void Pool::fill_params(Group& group, int lane, const RowSet& which) {
  const Lane& voice = group.lanes[lane];
  const Layer& layer = layers_[static_cast<size_t>(voice.note.layer)];
  const OwnMotion* own = motion_of(group, lane);
  if (which.params != 0) {
    PatchParams rows = layer.is.params;
    baseline::add_note(rows, layer.is.touch, voice.note.pitch, voice.note.vel, voice.note.pan);
    if (own != nullptr) own->move(rows, which.params, quantum_ + 1);
    if (voice.stolen || voice.cut) fade_stolen(rows, rate_);
    baseline::set_lane(params(group), rows, lane, which.params);
  }
  fill_unison(group, lane, own);
  for (uint32_t left = which.levels; left != 0; left &= left - 1) {
    const int row = std::countr_zero(left);
    const float target = own != nullptr ? own->level(row, quantum_ + 1) : layer.is.levels.rows[row];
    group.target[row][lane] = target;
    group.rich |= row >= plain_rows && target != 0.0F;
  }
  group.changed |= which.acts_on_levels();
}

// ---- voices that move by themselves

void Pool::modulate(int layer, std::span<const modulation::MovingRoute> routes) {
  Layer& of = layers_[static_cast<size_t>(layer)];
  own_layers_ += (routes.empty() ? 0 : 1) - (of.routes.empty() ? 0 : 1);
  if (!routes.empty()) of.routes.reserve(modulation::most_at_once);
  of.routes.assign(routes.begin(), routes.end());
  // Envelopes are faster than what goes by itself.
  const bool follows = std::any_of(routes.begin(), routes.end(), [](const modulation::MovingRoute& route) {
    return route.source == Source::amp_env || route.source == Source::mod_env;
  });
  of.knot_quanta = std::max<int64_t>(1, modulation::knot_quanta(rate_) / (follows ? 4 : 1));
  if (!routes.empty() && motions_.empty()) motions_.resize(groups_.size() * group_lanes);
  if (!routes.empty() || motions_.empty()) return;
  for (Group& group : groups_) {
    for_each_lane(group.active, [&](int lane) {
      if (group.lanes[lane].note.layer != layer) return;
      motions_[index(group) * group_lanes + static_cast<size_t>(lane)].end();
      fill_params(group, lane);
    });
  }
}

OwnMotion* Pool::motion_of(const Group& group, int lane) {
  if (motions_.empty()) return nullptr;
  OwnMotion& motion = motions_[index(group) * group_lanes + static_cast<size_t>(lane)];
  return motion.begun() ? &motion : nullptr;
}

RowSet Pool::set_out(OwnMotion& motion, const Layer& layer, const Envelopes& envelopes, bool fresh,
                     bool sourced) {
  return motion.set_out(layer.sound(sourced), quantum_,
                        (quantum_ / layer.knot_quanta + 1) * layer.knot_quanta, envelopes, fresh);
}

void Pool::move_own(Group& group) {
  const Control& c = control(group);
  for_each_lane(group.active, [&](int lane) {
    const Note& note = group.lanes[lane].note;
    const Layer& layer = layers_[static_cast<size_t>(note.layer)];
    if (layer.routes.empty()) return;
    OwnMotion& motion = motions_[index(group) * group_lanes + static_cast<size_t>(lane)];
    RowSet which{.params = layer.moved.params, .modulated = layer.moved.modulated};
    if (!motion.begun()) {
      motion.begin(note, quantum_, rate_, layer.sound(group.sourced));
      which = all_rows;
    }
    if (motion.knot() <= quantum_) {
      const auto level = [lane](const EnvelopeState<group_lanes>& e) {
        return e.attack_left[lane] > 0.0 ? e.value[lane] * e.value[lane] : e.value[lane];
      };
      which |= set_out(motion, layer, {level(c.amp), level(c.mod)}, false, group.sourced);
    }
    which |= motion.moving();
    fill_params(group, lane, which);
  });
}

void Pool::begin(const Note& note, std::string_view layer_name) {
  if (++begun_now_ > max_voices_) {
    ++stolen_;
    return;
  }
  for (Group& group : groups_) {
    for_each_lane(group.active, [&](int lane) {
      if (group.lanes[lane].note.id == note.id) release(group, lane, note.onset);
    });
  }
  Layer& layer = layers_[static_cast<size_t>(note.layer)];
  const bool sourced = has_sources(layer);
  Place place = find_place(note.layer, sourced);
  if (voices_ - fading_ >= limit_) {
    const Place victim = quietest();
    if (place.group == nullptr && silent_yet(victim) && victim.group->sourced == sourced)
      place = victim;  // which leaves its lane at once
    if (place.group != nullptr) steal(victim);
  }
  if (place.group == nullptr) {  // every lane sounds or fades: more than two full sets of voices in a moment
    ++stolen_;
    return;
  }
  const auto [group, lane] = place;
  group->sourced = sourced;
  group->lanes[lane] = {.note = note, .order = begun_++, .begun = quantum_, .wave = layer.wave};
  group->active |= 1u << lane;
  Patch patch = layer.is.patch;
  if (!layer.routes.empty()) {
    OwnMotion& motion = motions_[index(*group) * group_lanes + static_cast<size_t>(lane)];
    motion.begin(note, quantum_, rate_, layer.sound(sourced));
    set_out(motion, layer, {}, true, sourced);
    patch = motion.patch_at(layer.sound(sourced), quantum_, {});
  }
  baseline::set_lane(control(*group), begin_voice(note, layer_name, patch, rate_), lane);
  if (group->unison) begin_unison(*group, lane);
  fill_params(*group, lane);
  list_layers(*group);
  ++layer.voices;
  ++voices_;
}

// Where its own layer sounds, so that groups stay alike; else beside others, so that groups stay few.
Pool::Place Pool::find_place(int layer, bool sourced) {
  constexpr uint32_t full = (1u << group_lanes) - 1;
  Group* best = nullptr;
  const auto rank = [layer](const Group& group) {
    if (group.active == 0) return 0;
    const int* end = group.layers + group.layer_count;
    return std::find(group.layers, end, layer) != end ? 2 : 1;
  };
  const Group* const reserved = &groups_.back();
  for (Group& group : groups_) {
    if (group.active != 0 ? group.sourced != sourced : &group == reserved && !sourced) continue;
    if (group.active != full && (best == nullptr || rank(group) > rank(*best))) best = &group;
  }
  return {best, best == nullptr ? 0 : std::countr_one(best->active)};
}

void Pool::limit(int most) {
  limit_ = std::clamp(most, 1, max_voices_);
  while (voices_ - fading_ > limit_) steal(quietest());
}

Pool::Place Pool::quietest() {
  Place victim{nullptr, 0};
  auto least = std::pair(std::numeric_limits<double>::infinity(), std::numeric_limits<uint64_t>::max());
  for (Group& group : groups_) {
    const Control& c = control(group);
    for_each_lane(group.active, [&](int lane) {
      const Lane& voice = group.lanes[lane];
      if (voice.stolen) return;
      const Layer& layer = layers_[static_cast<size_t>(voice.note.layer)];
      const double held = c.release_left[lane] > 0.0 ? 1e6 : 1.0;
      // A voice still rising counts as what it rises to, or the notes of one chord would steal each other; one that has
      // risen a rounding error past 1 is as loud, and older.
      const double envelope = c.amp.attack_left[lane] > 0.0 && c.release_left[lane] > 0.0
                                  ? 1.0
                                  : std::min(1.0, c.amp.value[lane]);
      const auto trim = static_cast<double>(layer.is.patch[VoiceParam::trim_db]);
      const double fader =
          trim <= silence_db
              ? 0.0
              : baseline::gain_of_db(static_cast<double>(layer.is.patch[VoiceParam::gain_db]) + trim);
      const double level = envelope * params(group).level[lane] * fader;
      const auto rank = std::pair(held * (level + silent_level), voice.order);
      if (rank < least) {
        least = rank;
        victim = {&group, lane};
      }
    });
  }
  return victim;
}

bool Pool::silent_yet(const Place& place) { return control(*place.group).fresh[place.lane] > 0.0; }

void Pool::steal(const Place& victim) {
  ++(limit_ < max_voices_ ? shed_ : stolen_);
  Group& group = *victim.group;
  group.lanes[victim.lane].stolen = true;
  ++fading_;
  if (silent_yet(victim)) {
    end(group, victim.lane);
    return;
  }
  release(group, victim.lane, 0);
  fill_params(group, victim.lane);
}

void Pool::release(Group& group, int lane, int frame) {
  Control& c = control(group);
  const double earliest = std::max(static_cast<double>(frame), c.fresh[lane] * (c.onset[lane] + 1.0));
  c.release_left[lane] = std::min(c.release_left[lane], earliest);
}

void Pool::release(uint64_t id, int frame, bool cut) {
  for (Group& group : groups_) {
    for_each_lane(group.active, [&](int lane) {
      if (group.lanes[lane].note.id != id) return;
      release(group, lane, frame);
      if (!cut) return;
      group.lanes[lane].cut = true;
      fill_params(group, lane);
    });
  }
}

void Pool::end(Group& group, int lane) {
  Lane& voice = group.lanes[lane];
  group.active &= ~(1u << lane);
  group.bending &= ~(1u << lane);
  control(group).active[lane] = 0.0;
  for (auto& row : group.target) row[lane] = 0.0F;
  group.changed = true;
  if (group.unison) {
    group.unison = false;
    for_each_lane(group.active, [&](int other) { group.unison |= group.lanes[other].unison; });
  }
  if (voice.stolen) --fading_;
  if (OwnMotion* own = motion_of(group, lane)) own->end();
  --layers_[static_cast<size_t>(voice.note.layer)].voices;
  --voices_;
  list_layers(group);
}

void Pool::list_layers(Group& group) {
  group.layer_count = 0;
  for_each_lane(group.active, [&](int lane) {
    const int layer = group.lanes[lane].note.layer;
    int* end = group.layers + group.layer_count;
    const auto at = std::find(group.layers, end, layer) - group.layers;
    if (at == group.layer_count) {
      group.layers[group.layer_count] = layer;
      group.layer_lanes[group.layer_count++] = 0;
    }
    group.layer_lanes[at] |= 1u << lane;
  });
}

void Pool::advance(Chunk& chunk) {
  assert(chunk.quanta < chunk_quanta);
  const int quantum = chunk.quanta++;
  begun_now_ = 0;
  for (Group& group : groups_) {
    if (group.active == 0) continue;
    const size_t g = index(group);
    if (chunk.recorded[g] == 0) {
      chunk.playing.push_back(g);
      chunk.levels_of(g)[0] = settled_[g];
      chunk.latest[g] = 0;
    }
    chunk.recorded[g] |= 1u << quantum;
    Record& r = chunk.record(g, quantum);
    r.active = group.active;
    r.layer_count = group.layer_count;
    std::copy(group.layers, group.layers + group.layer_count, r.layers);
    std::copy(group.layer_lanes, group.layer_lanes + group.layer_count, r.layer_lanes);
    if (group.bending != 0) move_bends(group);
    if (own_layers_ > 0) move_own(group);
    Steps& steps = chunk.steps[Chunk::at(g, quantum)];
    const uint32_t ended = kernel_.advance(control(group), params(group), r, steps);
    r.sourced = group.sourced;
    r.sources = nullptr;
    if (group.sourced) fill_sources(group, chunk, r, quantum);
    r.unison = group.unison;
    if (group.unison) {
      r.one_sided = std::exchange(group.one_sided, false);
      kernel_.advance_unison(unisons_[g], control(group), params(group), r,
                             chunk.unison[Chunk::at(g, quantum)]);
    }
    fill_levels(group, chunk, r);
    const uint32_t equalized = chunk.levels_of(g)[chunk.latest[g]].used & equalized_rows;
    r.levels = chunk.latest[g];
    r.equalized = (equalized | group.equalized) != 0;
    group.equalized = equalized;
    for_each_lane(ended, [&](int lane) { end(group, lane); });
  }
  for (Layer& layer : layers_) layer.moved = {};
  ++quantum_;
}

void Pool::end_chunk(Chunk& chunk) {
  std::sort(chunk.playing.begin(), chunk.playing.end());
  for (const size_t g : chunk.playing) settled_[g] = chunk.levels_of(g)[chunk.latest[g]];
}

void Pool::fill_levels(Group& group, Chunk& chunk, const Record& r) {
  const Control& c = control(group);
  const auto high = [&] {
    bool any = false;
    for_each_lane(group.active, [&](int lane) {
      any |= std::max(c.increment1[lane], c.increment2[lane]) > baseline::near_nyquist;
    });
    return any;
  };
  if (!group.changed && !group.ramping && !high()) return;
  const size_t g = index(group);
  Levels& after = chunk.levels_of(g)[++chunk.latest[g]];
  after.modulated = false;
  for_each_lane(group.active, [&](int lane) {
    const bool modulated = layers_[static_cast<size_t>(group.lanes[lane].note.layer)].is.levels.modulated;
    const OwnMotion* own = motion_of(group, lane);
    after.modulated |= modulated || r.fm_depth.start[lane] != 0.0F || (own != nullptr && own->modulated());
  });
  const LevelStep step = kernel_.step_levels(after, group.end, group.target,
                                             group.rich ? level_rows : plain_rows, group.active, r.fresh, c);
  after.used = step.used;
  group.ramping = step.moves;
  group.changed = false;
}

}  // namespace auralis::voice
